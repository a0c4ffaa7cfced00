import Evaluations
import Reports
import Runs
import Selection
import Terminal

/// The worth of each window over time: KL divergence without it, drawn under its relevance.
struct WorthPanel: Widget {
  private let run: RunState
  private let request: WorthRequest
  private let result: WorthResult?
  private let keys: KeyLabels

  init(_ app: App) {
    (run, request, result) = (app.run, app.worthRequest, app.shownWorth)
    keys = app.keys
  }

  func render(in area: Rect, to frame: inout Frame) {
    var rest = area.inset(horizontal: 1)
    frame.write(title, in: rest.cutTop(1))
    guard let result else {
      Paragraph(invitation).render(in: rest.inset(horizontal: 1, vertical: 1), to: &frame)
      return
    }
    let lines = conclusion(result)
    let foot = rest.cutBottom(min(lines.count, max(0, rest.height - 6)))
    renderModalities(result, in: rest, to: &frame)
    for (index, line) in lines.prefix(foot.height).enumerated() {
      frame.write(line, in: foot.row(index))
    }
  }

  private var title: StyledLine {
    [
      .span("worth of each window, left out from layer \(request.layer) on", .title),
      .span("  unmodified: "), .span(request.baseName, .strong),
    ]
  }

  private var invitation: String {
    guard !run.isReplay else {
      return "Not in a replay: there is no model to measure with; open the clip."
    }
    if run.activity == .studying { return "running \(request.baseName) first …" }
    return
      "\(keys[.measure]) measures: \(request.plan == nil ? "" : "at most ")\(costText(estimate)) after one run of \(request.baseName). "
      + "\(keys[.earlierWorthLayer]) and \(keys[.laterWorthLayer]) change the layer, \(keys[.toggleWorthBase]) the run that is "
      + "modified, \(keys[.toggleWorth]) shows the dependency curve. "
      + "\(keys[.runOrPause]) pauses, \(keys[.measure]) resumes."
  }

  /// The cost with full tokens, from the layer times known so far.
  private var estimate: WorthCost? {
    guard let subject = run.subject else { return nil }
    let cost = ReferenceCost(subject.model.decoder)
    return WorthCost(request, subject.promptShape, cost, measured: measured(cost))
  }

  private func measured(_ cost: ReferenceCost) -> WorthCost.Measured? {
    let records = run.ledger.current.layers
    let flops = records.reduce(0) { $0 + ($1.referenceFlops ?? 0) }
    guard flops > 0 else { return nil }
    return WorthCost.Measured(
      seconds: records.reduce(0) { $0 + $1.milliseconds } / 1000, referenceFlops: flops,
      decodingSeconds: run.answer.map {
        Double($0.tokenCount - 1) * ($0.millisecondsPerToken ?? 0) / 1000
      } ?? 0)
  }

  private func costText(_ cost: WorthCost?) -> String {
    guard let cost else { return "one partial prefill per window" }
    return Measure.plural(cost.partialPrefills, "partial prefill")
      + (cost.referenceFlops.map { ", \(Measure.flops($0).trimmed) reference FLOPs" } ?? "")
      + (cost.seconds.map { ", about \(Measure.time($0 * 1000))" } ?? "")
  }

  // MARK: - Strips

  private func renderModalities(_ result: WorthResult, in area: Rect, to frame: inout Frame) {
    let parts = [(Modality.video, Role.video), (.audio, Role.audio)].map { modality, role in
      (modality, role, result.windows.filter { $0.modality == modality })
    }.filter { !$0.2.isEmpty }
    guard !parts.isEmpty, area.height >= 4 else { return }
    var rest = area
    let height = rest.height / parts.count
    for (modality, role, windows) in parts {
      render(result, modality, role, windows, in: rest.cutTop(height), to: &frame)
    }
  }

  /// Draws the relevance of a modality's windows, and the effect of leaving them out below it.
  private func render(
    _ result: WorthResult, _ modality: Modality, _ role: Role, _ windows: [WorthResult.Window],
    in area: Rect, to frame: inout Frame
  ) {
    var rest = area
    let times = rest.cutBottom(1)
    let half = max(1, rest.height / 2)
    let measure = result.measures.first ?? ""
    let divergences = windows.map { $0.effect?.divergence }
    let step = max(1, min(8, (area.width - Self.axis) / max(1, windows.count)))
    strip(
      "\(modality.rawValue) \(measure)", windows.map { $0.importance[measure] }, role, step,
      in: rest.cutTop(half), to: &frame)
    strip("KL, nats", divergences, .warning, step, in: rest, to: &frame)
    label(windows, step, in: times, to: &frame)
  }

  private static let axis = 20

  private func strip(
    _ name: String, _ values: [Double?], _ role: Role, _ step: Int, in area: Rect,
    to frame: inout Frame
  ) {
    guard !area.isEmpty else { return }
    var rest = area
    let axis = rest.cutLeft(min(Self.axis, area.width))
    let top = values.compactMap(\.self).max() ?? 0
    frame.write(name, in: axis.row(0).inset(horizontal: 0), as: .faint)
    if area.height > 1 {
      frame.write("most \(Measure.number(top))", in: axis.row(1), as: .faint)
    }
    for (index, value) in values.enumerated() where (index + 1) * step <= rest.width {
      let width = max(1, step - (step > 1 ? 1 : 0))
      for x in 0..<width {
        let cell = Rect(x: rest.x + index * step + x, y: rest.y, width: 1, height: rest.height)
        if let value {
          Sparkline([value], ceiling: top, role: role).render(in: cell, to: &frame)
        } else {
          frame.put(
            frame.glyphs.waiting, x: cell.x, y: cell.bottom - 1,
            style: frame.look.theme[.planned])
        }
      }
    }
  }

  private func label(
    _ windows: [WorthResult.Window], _ step: Int, in row: Rect, to frame: inout Frame
  ) {
    var free = row.x + Self.axis
    for (index, window) in windows.enumerated() {
      let x = row.x + Self.axis + index * step
      let text = window.seconds.map { "\(Measure.decimal($0, 0))s" } ?? "\(index + 1)"
      guard x >= free, x + text.count <= row.right else { continue }
      frame.write(text, in: Rect(x: x, y: row.y, width: text.count, height: 1), as: .faint)
      free = x + text.count + 1
    }
  }

  // MARK: - Conclusion

  private func conclusion(_ result: WorthResult) -> [StyledLine] {
    var lines: [StyledLine] = []
    if !result.isComplete {
      let state =
        run.activity == .studying
        ? "measuring: \(keys[.runOrPause]) pauses" : "paused: \(keys[.measure]) resumes"
      lines.append([
        .span("\(result.measured) of \(result.windows.count) windows, "), .span(state, .current),
        .span("  \(costText(result.cost))", .faint),
      ])
    }
    for measure in result.measures {
      let parts = WorthResult.Scope.allCases.compactMap { scope in
        result.correlation(measure, scope).map { "\(scope.rawValue) \(Measure.decimal($0, 2))" }
      }
      guard !parts.isEmpty else { continue }
      lines.append([
        .span("Spearman ρ  ", .title), .span("\(measure) and KL: "),
        .span(parts.joined(separator: ", "), .strong),
      ])
    }
    lines.append(answers(result))
    return lines
  }

  private func answers(_ result: WorthResult) -> StyledLine {
    let changed = result.windows.filter { $0.effect?.isSame == false }
    guard !changed.isEmpty else {
      return [.span("the same answer without any of the measured windows", .good)]
    }
    let names = changed.prefix(6).map { window in
      "\(window.modality.rawValue) \(window.index + 1) (\(window.effect?.answer.prefix(12) ?? ""))"
    }
    return [
      .span("other answers without ", .warning),
      .span(names.joined(separator: ", ") + (changed.count > 6 ? ", …" : ""), .warning),
    ]
  }
}
