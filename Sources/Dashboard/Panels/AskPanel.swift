import Runs
import Terminal

/// The line editor for a question, at the place of the question, with the choices that are kept.
struct AskPanel: Widget {
  let editor: LineEditor
  let asked: AskedQuestion
  /// Whether the list has questions for up and down.
  let hasHistory: Bool

  func render(in area: Rect, to frame: inout Frame) {
    let choices =
      asked.choices.isEmpty ? nil : "choices kept: \(asked.choices.joined(separator: " / "))"
    let notes = [choices, note].compactMap { $0 }
    var place = area.inset(horizontal: area.width > 60 ? 1 : 0)
    place = place.cutTop(min(area.height, notes.count + 3))
    frame.clear(place, as: .dialog)
    var rest = frame.box(place, title: "Ask about this clip", as: .dialog).inset(horizontal: 1)
    LineField(editor).render(in: rest.cutTop(1), to: &frame)
    for note in notes where !rest.isEmpty {
      frame.write(note, in: rest.cutTop(1), as: .faint)
    }
    frame.reground(place, as: .dialog)
  }

  private var note: String {
    if editor.text.trimmed == asked.question.trimmed {
      return hasHistory ? "the open question; up and down show the others" : "the open question"
    }
    return editor.text.trimmed.isEmpty
      ? "no question: the model gets the clip alone" : "Enter asks: the encoders do not run again"
  }
}
