import Reports
import Selection
import Terminal

/// A labelled line below the ledger, such as `plan  seats R 15 …`.
struct Fact: Sendable, Equatable {
  let label: String
  let line: StyledLine
}

/// The lines below the ledger: plan, cost, savings, and whether the answer changed.
struct RunFacts {
  let run: RunState
  let totals: RunTotals
  private let keys: KeyLabels

  init(_ run: RunState, _ keys: KeyLabels) {
    self.run = run
    self.keys = keys
    totals = RunTotals(run)
  }

  /// The line with budget and drop layers of the plan.
  var plan: Fact {
    var line = StyledLine(HeaderLine.budget(run), .strong)
    let settings = run.settings
    if let origin = run.subject?.origin, origin.method != nil {
      if let reached = totals.retention { line.append(" → \(Measure.percent(reached))") }
      line.append("  recorded by \(origin.writer ?? "another engine")", .faint)
      return Fact(label: "plan", line: line)
    }
    if let counts = run.subject?.prompt.counts, let byHand = settings.forced.summary(in: counts) {
      line.append(", \(byHand)", .strong)
    }
    guard settings.method != .full else {
      line.append(
        settings.forced.dropped.isEmpty
          ? "  no drops: every token in every layer" : "  every other token in every layer")
      return Fact(label: "plan", line: line)
    }
    guard !planSummary.isIdle else {
      line.append("  nothing to drop: no video or audio")
      return Fact(label: "plan", line: line)
    }
    guard !planSummary.keepsAll else {
      line.append("  no drops at this budget")
      return Fact(label: "plan", line: line + remark)
    }
    if let reached = totals.retention {
      line.append(" → \(Measure.percent(reached))")
    } else if let forecast = run.forecast {
      line.append(" → ~\(Measure.percent(forecast.retention))")
    }
    line = line + shares(settings.budget)
    // The drop layers that the plan uses, which may be fewer than the settings name.
    line.append("  drop \(DropLayerText.text(run.plan.dropLayers))")
    line.append("  late \(run.plan.removalLayer.map { "\($0 + 1)" } ?? "none")")
    line = line + remark
    if settings.method.parameters.contains(.encoderScale) {
      line.append(" λ \(PlanForm.text(settings.encoderScale))", .faint)
    }
    return Fact(label: "plan", line: line)
  }

  /// Keep ratios of the modalities that the prompt contains.
  private func shares(_ budget: RetentionBudget) -> StyledLine {
    let counts = run.subject?.prompt.counts ?? ModalityCounts()
    var line = StyledLine()
    if counts.video > 0 {
      let unit = counts.audio > 0 ? "" : " %"
      line.append("  video \(Measure.share(budget.video))\(unit)", .video)
    }
    if counts.audio > 0 { line.append("  audio \(Measure.share(budget.audio)) %", .audio) }
    return line
  }

  /// A hint that the plan has notes: they are the last lines and may not fit.
  private var remark: StyledLine {
    run.plan.notes.isEmpty ? "" : StyledLine("  ! see \(keys[.screen(.log)])", .warning)
  }

  /// The line with keep ratios at each boundary, video/audio.
  var keep: Fact {
    Fact(label: "keep", line: run.isPlanKnown ? planSummary.line : RecordedDrops(run).line)
  }

  private var planSummary: PlanSummary {
    PlanSummary(run.plan, run.subject?.prompt.counts ?? ModalityCounts())
  }

  /// The line with reference FLOPs, executed FLOPs and KV cache memory.
  var cost: Fact {
    var line = StyledLine()
    if let full = run.forecast?.referenceFullFlops,
      let own = totals.referenceFlops ?? run.forecast?.referenceFlops
    {
      let reduction = full / max(own, 1)
      if reduction < 1.005 {
        line.append("\(Measure.flops(full)) reference FLOPs, as with full tokens")
      } else {
        let sign = totals.referenceFlops == nil ? "~" : ""
        line.append("\(sign)\(Measure.factor(reduction)) fewer", .strong)
        line.append(" reference FLOPs, \(Measure.flops(own)) of \(Measure.flops(full))")
      }
    }
    if let executed = totals.executedFlops, executed > 0 {
      line.append("  executed \(Measure.flops(executed))", .faint)
    }
    return Fact(label: "cost", line: line)
  }

  var memory: Fact {
    guard totals.layersRun > 0 else {
      return Fact(label: "KV", line: StyledLine("no KV cache before layer 1", .faint))
    }
    guard let held = totals.keyValueBytes else {
      return Fact(label: "KV", line: StyledLine("not recorded", .faint))
    }
    var line = StyledLine(Measure.bytes(held), .strong)
    if let full = totals.fullKeyValueBytes, full > 0 {
      line.append(" = \(Measure.percent(Double(held) / Double(full))) of full tokens’ ")
      line.append(Measure.bytes(full))
    }
    if !run.isComplete { line.append("  \(Measure.plural(totals.layersRun, "layer"))", .faint) }
    if let resident = run.ledger.current.last?.residentBytes {
      line.append("  process \(Measure.bytes(resident))", .faint)
    }
    return Fact(label: "KV", line: line)
  }

  /// The line about the full-token run: its time, the speed-up, and whether the answer is equal.
  func full(at now: Duration) -> Fact {
    Fact(label: "full", line: fullLine(now))
  }

  private func fullLine(_ now: Duration) -> StyledLine {
    if run.activity == .runningFull {
      let elapsed = (now - run.activeSince) / .milliseconds(1)
      return StyledLine("running full tokens … \(Measure.clock(elapsed))", .current)
    }
    guard let full = run.fullRun else {
      if run.isReplay {
        return StyledLine("not shown: \(keys[.fullRun]) shows the run with full tokens", .faint)
      }
      return [
        .span("not run: "), .span(keys[.fullRun], .key),
        .span(" runs full tokens"),
      ]
    }
    var line = StyledLine("prefill \(Measure.time(full.prefillMilliseconds))")
    if let speedup = totals.speedup {
      line.append("  here \(Measure.time(totals.prefillMilliseconds))")
      line.append(run.isComplete ? "  " : " so far  ")
      line.append("\(Measure.factor(speedup)) faster", .strong)
      line.append(", \(run.evidence)", .faint)
    }
    switch run.isSameAnswer {
    case true?: line.append("  ✓ same answer", .good)
    case false?:
      line.append("  ✕ different answer: ", .warning)
      line.append(full.answer.text.trimmed)
    case nil: line.append("  answers \(full.answer.text.trimmed)", .faint)
    }
    return line
  }

  /// The line with times outside of the prefill: reading the media, encoders, decoding.
  var around: Fact {
    var line = StyledLine("encoders \(Measure.time(totals.encoderMilliseconds))")
    if let encoders = run.ledger.current.first, encoders.visionMilliseconds > 0,
      encoders.audioMilliseconds > 0
    {
      line.append(
        " (vision \(Measure.time(encoders.visionMilliseconds)), audio "
          + "\(Measure.time(encoders.audioMilliseconds)))", .faint)
    }
    if let words = run.ledger.current.first?.encoderSources { line.append(" \(words)", .warning) }
    line.append("  selection \(Measure.time(totals.selectionMilliseconds))")
    if let token = run.answer?.millisecondsPerToken {
      line.append("  decode \(Measure.time(token)) per token")
    }
    return Fact(label: "time", line: line)
  }

  /// The line of the lens: from which layer on the answer stands, and what the lens cost; nil if it
  /// is off.
  var lens: Fact? {
    let lens = run.history.lens
    guard !lens.isEmpty else { return nil }
    var line = StyledLine()
    if let summary = lens.summary(layers: run.layers) {
      line.append(summary, .good)
      line.append("  ")
    }
    let cost = lens.cost
    line.append(Measure.time(cost.milliseconds))
    let prefill = totals.prefillMilliseconds
    if run.isComplete, prefill > 0 {
      line.append(" beside the prefill (\(Measure.evenPercent(cost.milliseconds / prefill)))")
    } else {
      line.append(" beside the prefill")
    }
    line.append(", \(Measure.flops(cost.flops))FLOP", .faint)
    if !lens.notes.isEmpty { line.append("  ! see \(keys[.screen(.log)])", .warning) }
    return Fact(label: "lens", line: line)
  }

  /// Notes of the plan, one line each.
  var notes: [Fact] {
    run.plan.notes.map { Fact(label: "note", line: StyledLine($0, .warning)) }
  }
}
