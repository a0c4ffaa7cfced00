import Reports
import Selection
import Terminal

/// Keep ratios of a plan at each boundary, video/audio: `Stage I 14/63 % → 16: 93/93 %`. Modalities
/// without tokens are left out.
struct PlanSummary: Equatable {
  private let plan: SelectionPlan
  private let counts: ModalityCounts

  init(_ plan: SelectionPlan, _ counts: ModalityCounts) {
    self.plan = plan
    self.counts = counts
  }

  /// Whether the prompt has neither video nor audio tokens.
  var isIdle: Bool { counts.video + counts.audio == 0 }

  /// Whether the plan has no drops.
  var keepsAll: Bool { plan.encoderRule == nil && plan.boundaries.isEmpty }

  var line: StyledLine {
    guard !isIdle else { return "nothing to drop: text only" }
    guard !keepsAll else { return "everything" }
    var line = StyledLine()
    if let rule = plan.encoderRule {
      line.append("Stage I ", .faint)
      append(rule.ratios.video, rule.ratios.audio, to: &line)
    }
    for boundary in plan.boundaries {
      if !line.spans.isEmpty { line.append(" → ", .faint) }
      line.append("\(boundary.afterLayer): ", .faint)
      if boundary.rule.kind == .remove {
        line.append("text")
      } else {
        append(boundary.rule.ratios.video, boundary.rule.ratios.audio, to: &line)
      }
    }
    return line
  }

  private func append(_ video: Double, _ audio: Double, to line: inout StyledLine) {
    if counts.video > 0 { line.append(Measure.share(max(0, video)), .video) }
    if counts.video > 0, counts.audio > 0 { line.append("/", .faint) }
    if counts.audio > 0 { line.append(Measure.share(max(0, audio)), .audio) }
    line.append(" %", counts.audio > 0 ? .audio : .video)
  }
}
