import Profiling
import Terminal

/// The question and the answer so far.
struct QuestionPanel: Widget, Equatable {
  let question: String
  let answer: StyledLine

  init(_ run: RunState) {
    let clip = run.subject?.clip
    let choices =
      clip?.choices.isEmpty == false ? "  (\(clip?.choices.joined(separator: " / ") ?? ""))" : ""
    let isAsked = clip.map { !$0.question.trimmed.isEmpty } ?? true
    question = isAsked ? (clip?.question ?? "") + choices : "nothing is asked: use --question"
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
      line.append("  logit \(lead) ahead of “\(second.text.trimmed)”", .faint)
    }
    return line
  }

  /// Rows it takes at a width, `limit` at most.
  func height(width: Int, limit: Int, ascii: Bool) -> Int {
    let rows = Paragraph(question).height(width: width - Self.indent, ascii: ascii)
    return min(limit, max(1, rows) + 1)
  }

  private static let indent = 3

  func render(in area: Rect, to frame: inout Frame) {
    guard area.height > 0 else { return }
    var rest = area
    var answerRow = rest.cutBottom(1)
    frame.write("A", in: answerRow.cutLeft(Self.indent - 1), as: .title)
    _ = answerRow.cutLeft(1)
    frame.write(answer, in: answerRow)
    guard !rest.isEmpty else { return }
    frame.write("Q", in: rest.cutLeft(Self.indent - 1), as: .title)
    _ = rest.cutLeft(1)
    Paragraph(question).render(in: rest, to: &frame)
  }
}
