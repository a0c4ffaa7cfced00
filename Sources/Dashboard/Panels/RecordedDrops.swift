import Reports
import Selection
import Terminal

/// Number of tokens left after each drop of a trace without a plan, video/audio:
/// `Stage I 36/65 → layer 7: 20/58`.
struct RecordedDrops: Equatable {
  let line: StyledLine

  init(_ run: RunState) {
    var line = StyledLine()
    for record in run.ledger.current where record.leaving != record.entering {
      if !line.spans.isEmpty { line.append(" → ", .faint) }
      line.append("\(record.step.label): ", .faint)
      let whole = run.subject?.prompt.counts ?? ModalityCounts()
      Self.append(record.leaving, of: whole, to: &line)
    }
    self.line = line.spans.isEmpty ? "no drop recorded yet" : line + " tokens"
  }

  private static func append(
    _ left: ModalityCounts, of whole: ModalityCounts, to line: inout StyledLine
  ) {
    let parts: [(Modality, Role)] = [(.image, .text), (.video, .video), (.audio, .audio)]
    var isFirst = true
    for (modality, role) in parts where whole[modality] > 0 {
      if !isFirst { line.append("/", .faint) }
      line.append(Measure.count(left[modality]), role)
      isFirst = false
    }
    if isFirst { line.append("\(Measure.count(left.text)) text", .text) }
  }
}
