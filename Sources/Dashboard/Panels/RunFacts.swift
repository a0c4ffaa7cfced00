import Profiling
import Selection
import Terminal

/// A labelled line under the ledger: `plan  seats R 15 …`.
struct Fact: Sendable, Equatable {
  let label: String
  let line: StyledLine
}

/// The lines under the ledger: the plan, what it costs, what it saves, and whether the answer
/// stayed the same.
struct RunFacts {
  let run: RunState
  let totals: RunTotals

  init(_ run: RunState) {
    self.run = run
    totals = RunTotals(run)
  }

  /// The budget and where tokens go.
  var plan: Fact {
    var line = StyledLine(HeaderLine.budget(run), .strong)
    let settings = run.settings
    guard settings.method != .full else {
      line.append("  every token through every layer")
      return Fact(label: "plan", line: line)
    }
    if let reached = totals.retention {
      line.append(" → \(Measure.percent(reached))")
    } else if let forecast = run.forecast {
      line.append(" → ~\(Measure.percent(forecast.retention))")
    }
    line.append("  video \(Measure.share(settings.budget.video))", .video)
    line.append("  audio \(Measure.share(settings.budget.audio)) %", .audio)
    // Other methods go their own way: where they drop is the plan's to say.
    let isSeats = settings.method == .seats
    let drops = isSeats ? settings.dropLayers : run.plan.dropLayers
    let late = isSeats ? settings.lateLayer : run.plan.removalLayer.map { $0 + 1 }
    line.append("  drop \(DropLayerText.text(drops))")
    line.append("  late \(late.map(String.init) ?? "none")")
    if !run.plan.notes.isEmpty {
      // The notes themselves come last and may not fit; the log has them all.
      line.append("  ! see 9", .warning)
    }
    if isSeats { line.append("  λ \(settings.encoderScale)", .faint) }
    return Fact(label: "plan", line: line)
  }

  /// The share kept at each boundary, video/audio.
  var keep: Fact {
    var line = StyledLine()
    if let rule = run.plan.encoderRule {
      line.append("Stage I ", .faint)
      append(rule.ratios.video, rule.ratios.audio, to: &line)
    }
    for boundary in run.plan.boundaries {
      if !line.spans.isEmpty { line.append(" → ", .faint) }
      line.append("\(boundary.afterLayer): ", .faint)
      append(boundary.rule, to: &line)
    }
    if line.spans.isEmpty { line.append("everything") }
    return Fact(label: "keep", line: line)
  }

  private func append(_ rule: BoundaryRule, to line: inout StyledLine) {
    switch rule {
    case .windows(let video, let audio, _): append(video, audio, to: &line)
    case .global(let video, let audio, let random):
      append(video ?? 1, audio ?? random?.ratio ?? 1, to: &line)
    case .remove: line.append("text")
    }
  }

  private func append(_ video: Double, _ audio: Double, to line: inout StyledLine) {
    line.append(Measure.share(max(0, video)), .video)
    line.append("/", .faint)
    line.append(Measure.share(max(0, audio)) + " %", .audio)
  }

  /// FLOPs as the paper counts them, as executed, and the memory of keys and values.
  var cost: Fact {
    var line = StyledLine()
    if let forecast = run.forecast {
      let full = forecast.referenceFullFlops
      let own = totals.referenceFlops ?? forecast.referenceFlops
      let reduction = full / max(own, 1)
      if reduction < 1.005 {
        line.append("\(Measure.flops(full)) reference FLOPs, as with full tokens")
      } else {
        let sign = totals.referenceFlops == nil ? "~" : ""
        line.append("\(sign)\(Measure.factor(reduction)) fewer", .strong)
        line.append(" reference FLOPs, \(Measure.flops(own)) of \(Measure.flops(full))")
      }
    }
    if totals.executedFlops > 0 {
      line.append("  executed \(Measure.flops(totals.executedFlops))", .faint)
    }
    return Fact(label: "cost", line: line)
  }

  var memory: Fact {
    guard totals.fullKeyValueBytes > 0 else {
      return Fact(label: "KV", line: StyledLine("nothing held before layer 1", .faint))
    }
    let share = Double(totals.keyValueBytes) / Double(totals.fullKeyValueBytes)
    var line = StyledLine(Measure.bytes(totals.keyValueBytes), .strong)
    line.append(" of \(Measure.bytes(totals.fullKeyValueBytes)) with full tokens")
    line.append(" (\(Measure.percent(share)))")
    let layers = totals.layersRun
    line.append("  after \(layers) \(layers == 1 ? "layer" : "layers")", .faint)
    return Fact(label: "KV", line: line)
  }

  /// The reference run: its time, the speed-up, and whether the answer is the same.
  func full(at now: Duration) -> Fact {
    Fact(label: "full", line: fullLine(now))
  }

  private func fullLine(_ now: Duration) -> StyledLine {
    if run.activity == .runningFull {
      let elapsed = (now - run.activeSince) / .milliseconds(1)
      return StyledLine("running every token … \(Measure.clock(elapsed))", .current)
    }
    guard let full = run.fullRun else {
      return [.span("not run: "), .span("f", .key), .span(" runs every token, to compare with")]
    }
    var line = StyledLine("prefill \(Measure.time(full.prefillMilliseconds))")
    if let speedup = totals.speedup {
      line.append("  here \(Measure.time(totals.prefillMilliseconds))")
      line.append(run.isComplete ? "  " : " so far  ")
      line.append("\(Measure.factor(speedup)) faster", .strong)
    }
    switch run.isSameAnswer {
    case true?: line.append("  ✓ same answer", .good)
    case false?:
      line.append("  ✕ another answer: ", .warning)
      line.append(full.answer.text.trimmed)
    case nil: line.append("  answers \(full.answer.text.trimmed)", .faint)
    }
    return line
  }

  /// Times outside the prefill.
  var around: Fact {
    var line = StyledLine("encoders \(Measure.time(totals.encoderMilliseconds))")
    line.append("  selection \(Measure.time(totals.selectionMilliseconds))")
    if let token = run.answer?.millisecondsPerToken {
      line.append("  decode \(Measure.time(token)) per token")
    }
    return Fact(label: "time", line: line)
  }

  /// What was decided where the request could not be met to the letter.
  var notes: [Fact] {
    run.plan.notes.map { Fact(label: "note", line: StyledLine($0, .warning)) }
  }
}
