import Reports
import Terminal

/// The panel with the question and the answer so far.
struct QuestionPanel: Widget, Equatable {
  let question: String
  let answer: StyledLine

  init(_ run: RunState) {
    let clip = run.subject?.clip
    let choices =
      clip?.choices.isEmpty == false ? "  (\(clip?.choices.joined(separator: " / ") ?? ""))" : ""
    let isAsked = clip.map { !$0.question.trimmed.isEmpty } ?? true
    question = isAsked ? (clip?.question ?? "") + choices : "no question: use --question"
    answer = Self.answer(run)
  }

  private static func answer(_ run: RunState) -> StyledLine {
    guard let answer = run.answer else {
      return StyledLine(run.isComplete ? "…" : "after the head has run", .planned)
    }
    var line = StyledLine(answer.text.trimmed.isEmpty ? "(empty)" : answer.text.trimmed, .strong)
    if !answer.isComplete { line.append(" …", .current) }
    switch run.isRightAnswer {
    case true?: line.append("  ✓ right", .good)
    case false?: line.append("  ✕ expected \(run.subject?.clip.answer ?? "")", .warning)
    case nil: break
    }
    if let first = answer.topLogits.first, answer.topLogits.count > 1 {
      let second = answer.topLogits[1]
      let lead = Measure.number(Double(first.logit - second.logit))
      line.append("  logit \(lead) above “\(second.text.trimmed)”", .faint)
    }
    return line
  }

  /// Height of the panel for a width, at most `limit` rows.
  func height(width: Int, limit: Int, ascii: Bool) -> Int {
    let width = width - Self.indent
    let rows = Paragraph(question).height(width: width, ascii: ascii)
    return min(limit, max(1, rows) + max(1, answer.wrapped(to: width, ascii: ascii).count))
  }

  private static let indent = 3

  func render(in area: Rect, to frame: inout Frame) {
    guard area.height > 0 else { return }
    let width = area.width - Self.indent
    let ascii = frame.glyphs.isASCII
    let asked = max(1, Paragraph(question).height(width: width, ascii: ascii))
    let answered = answer.wrapped(to: width, ascii: ascii)
    // If question and answer are both long, both are truncated; the answer gets the larger part.
    let share = max(area.height / 2, area.height - max(1, answered.count))
    var rest = area
    renderQuestion(in: rest.cutTop(min(asked, share, area.height - 1)), to: &frame)
    render(answered, in: rest, to: &frame)
  }

  private func renderQuestion(in area: Rect, to frame: inout Frame) {
    guard !area.isEmpty else { return }
    var rest = area
    frame.write("Q", in: rest.cutLeft(Self.indent - 1), as: .title)
    _ = rest.cutLeft(1)
    Paragraph(question).render(in: rest, to: &frame)
  }

  private func render(_ answered: [StyledLine], in area: Rect, to frame: inout Frame) {
    var rest = area
    frame.write("A", in: rest.cutLeft(Self.indent - 1), as: .title)
    _ = rest.cutLeft(1)
    guard answered.count > 1, area.height > 1 else {
      frame.write(answer, in: rest)
      return
    }
    for (index, line) in answered.prefix(rest.height).enumerated() {
      let isCut = index == rest.height - 1 && answered.count > rest.height
      frame.write(isCut ? line + answered[index + 1] : line, in: rest.row(index))
    }
  }
}
