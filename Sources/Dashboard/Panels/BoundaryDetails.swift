import Reports
import Runs
import Selection
import Terminal

/// Details of one boundary: tokens and times; for a drop also window budgets and relevance.
struct BoundaryDetails: Widget, Equatable {
  let row: LedgerRow?
  let rule: StyledLine?
  /// The most probable first answer tokens; empty before the head has run.
  let candidates: [AnswerRecord.Candidate]
  /// Text of the complete answer.
  let answer: String
  /// What the lens shows after the step; nil without a lens.
  let lens: LensRecord?

  init(_ run: RunState, row index: Int, now: Duration) {
    row = run.subject.map { run.row(index, $0, now) }
    rule = row.flatMap { Self.rule($0, run.plan) }
    answer = row?.step == .head ? run.answer?.text ?? "" : ""
    candidates = row?.step == .head ? run.answer?.topLogits ?? [] : []
    if case .layer(let layer)? = row?.step, row?.record != nil {
      lens = run.history.lens[layer]
    } else {
      lens = nil
    }
  }

  func render(in area: Rect, to frame: inout Frame) {
    guard let row, !area.isEmpty else { return }
    var rest = area
    for line in summary(row) { frame.write(line, in: rest.cutTop(1)) }
    renderAnswer(in: &rest, to: &frame)
    renderCandidates(in: &rest, to: &frame)
    renderLens(in: &rest, to: &frame)
    guard let drop = row.record?.drop else { return }
    if !drop.scores.isEmpty { render(scores: ScoreSummary(drop), in: &rest, to: &frame) }
    guard !drop.windows.isEmpty, rest.height > 2 else { return }
    _ = rest.cutTop(1)
    WindowTable(windows: drop.windows).render(in: rest, to: &frame)
  }

  private func summary(_ row: LedgerRow) -> [StyledLine] {
    var lines: [StyledLine] = [StyledLine(title(row), .title)]
    guard row.isCountKnown else {
      return lines + [StyledLine("drops of this step: not known yet", .planned)]
    }
    for (name, role, before, after) in [
      ("text ", Role.text, row.entering.text, row.leaving.text),
      ("image", .text, row.entering.image, row.leaving.image),
      ("video", .video, row.entering.video, row.leaving.video),
      ("audio", .audio, row.entering.audio, row.leaving.audio),
      ("all  ", .strong, row.entering.total, row.leaving.total),
    ] where name != "image" || before > 0 {
      lines.append(Self.change(name, role, before, after, isPlanned: row.record == nil))
    }
    if let rule { lines.append(rule) }
    guard let record = row.record else { return lines }
    lines.append(time(record))
    if let work = work(record) { lines.append(work) }
    return lines
  }

  private func title(_ row: LedgerRow) -> String {
    switch (row.step, row.mark) {
    case (.encoders, _): "encoders · the prompt's embeddings"
    case (.head, _): "head · the first answer token"
    case (.stage1, _): "Stage I · input of layer 1"
    case (_, .prune?) where row.record?.drop?.scores.isEmpty == true: "\(row.name) · drop"
    case (_, .prune?): "\(row.name) · drop by relevance"
    case (_, .remove?): "\(row.name) · video and audio removed"
    default: row.name
    }
  }

  private static func change(
    _ name: String, _ role: Role, _ before: Int, _ after: Int, isPlanned: Bool
  ) -> StyledLine {
    let sign = isPlanned ? "~" : ""
    var line = StyledLine("\(name) ", role)
    line.append("\(sign)\(before)".paddedLeft(to: 7) + " → " + "\(sign)\(after)".paddedLeft(to: 7))
    if before > 0, after < before {
      line.append("  keeps \(Measure.percent(Double(after) / Double(before)))", .faint)
    }
    return line
  }

  private func time(_ record: StepRecord) -> StyledLine {
    var line = StyledLine("time  \(Measure.time(record.milliseconds))")
    if record.drop != nil {
      line.append(" + selection \(Measure.time(record.selectionMilliseconds))")
    }
    return line
  }

  /// A line with FLOPs and rate of a step; nil if executed FLOPs are unknown.
  private func work(_ record: StepRecord) -> StyledLine? {
    guard let executed = record.executedFlops, executed > 0 else { return nil }
    var line = StyledLine("work  \(Measure.flops(executed))FLOP")
    if let reference = record.referenceFlops, reference > 0 {
      line.append(" (reference \(Measure.flops(reference)))", .faint)
    }
    return line
  }

  private static func rule(_ row: LedgerRow, _ plan: SelectionPlan) -> StyledLine? {
    if let drop = row.record?.drop, drop.kind == .prune {
      switch drop.path {
      case nil: return nil
      case .windows:
        return StyledLine("path  budgets over \(Measure.plural(drop.windows.count, "window"))")
      case .global: return StyledLine("path  highest relevance overall")
      case .noChoice: return StyledLine("path  no tokens to choose from")
      }
    }
    guard case .layer(let layer) = row.step else { return nil }
    guard let rule = plan.boundary(afterLayer: layer)?.rule, let tau = rule.temperature
    else { return nil }
    return StyledLine(
      "plan  keep \(Measure.percent(rule.ratios.video)) video, "
        + "\(Measure.percent(rule.ratios.audio)) audio, τ "
        + Measure.number(Double(tau)))
  }

  private func renderAnswer(in rest: inout Rect, to frame: inout Frame) {
    guard !answer.isEmpty, rest.height > 2 else { return }
    _ = rest.cutTop(1)
    frame.write("answer", in: rest.cutTop(1), as: .title)
    let text = Paragraph(answer)
    let rows = text.height(width: rest.width, ascii: frame.glyphs.isASCII)
    text.render(in: rest.cutTop(min(rows, rest.height)), to: &frame)
  }

  private func renderCandidates(in rest: inout Rect, to frame: inout Frame) {
    guard !candidates.isEmpty, rest.height > 2 else { return }
    _ = rest.cutTop(1)
    frame.write("most likely first tokens", in: rest.cutTop(1), as: .title)
    for candidate in candidates.prefix(rest.height) {
      var row = rest.cutTop(1)
      let logit = Measure.number(Double(candidate.logit))
      frame.write(logit, in: row.cutLeft(6), align: .right)
      _ = row.cutLeft(2)
      frame.write("“\(candidate.text)”", in: row, as: .strong)
    }
  }

  private func renderLens(in rest: inout Rect, to frame: inout Frame) {
    if let prediction = lens?.prediction, rest.height > 3 {
      _ = rest.cutTop(1)
      var title = StyledLine("would say", .title)
      title.append("  entropy \(Measure.number(prediction.entropy))", .faint)
      if let divergence = prediction.divergence {
        title.append(", KL \(Measure.number(divergence))", .faint)
      }
      frame.write(title, in: rest.cutTop(1))
      for candidate in prediction.best.prefix(min(3, rest.height)) {
        var row = rest.cutTop(1)
        frame.write(Measure.evenPercent(candidate.probability), in: row.cutLeft(6), align: .right)
        _ = row.cutLeft(2)
        frame.write("“\(candidate.text)”", in: row, as: .strong)
      }
    }
    guard let attention = lens?.attention, rest.height > 2 else { return }
    _ = rest.cutTop(1)
    frame.write("looks at: mean, highest head", in: rest.cutTop(1), as: .title)
    let lines: [(String, Role, KeyPath<ModalityShares, Double>)] = [
      ("text ", .text, \.textAndImage), ("video", .video, \.video), ("audio", .audio, \.audio),
    ]
    for (name, role, share) in lines where rest.height > 0 {
      var line = StyledLine("\(name) ", role)
      line.append(Measure.evenPercent(attention.mean[keyPath: share]).paddedLeft(to: 6))
      line.append(Measure.evenPercent(attention.most[keyPath: share]).paddedLeft(to: 8), .faint)
      frame.write(line, in: rest.cutTop(1))
    }
  }

  private func render(scores: ScoreSummary, in rest: inout Rect, to frame: inout Frame) {
    guard rest.height > 4 else { return }
    _ = rest.cutTop(1)
    frame.write("relevance, first to last token", in: rest.cutTop(1), as: .title)
    let chart = rest.cutTop(min(3, rest.height / 4))
    Sparkline(scores.columns(chart.width), role: .current).render(in: chart, to: &frame)
    var line = StyledLine("kept \(ScoreSummary.text(scores.keptMean))")
    line.append(", dropped \(ScoreSummary.text(scores.droppedMean))")
    line.append(", top \(ScoreSummary.text(scores.highest))", .faint)
    frame.write(line, in: rest.cutTop(1))
  }
}

extension String {
  func paddedLeft(to width: Int) -> String {
    String(repeating: " ", count: max(0, width - count)) + self
  }
}
