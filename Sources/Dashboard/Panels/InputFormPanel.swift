import Media
import Terminal

/// The form to edit input settings.
struct InputFormPanel: Widget {
  let form: InputForm
  /// Input settings in use, shown next to the fields.
  let inForce: InputSettings

  private static let labelWidth = 18
  private static let valueWidth = 22

  func render(in area: Rect, to frame: inout Frame) {
    let fields = InputForm.Field.allCases
    let place = area.centered(
      Size(width: min(80, area.width - 2), height: min(area.height, fields.count + 4)))
    frame.clear(place, as: .dialog)
    var rest = frame.box(place, title: "Edit the input", as: .dialog).inset(horizontal: 1)
    let rows = rest.cutTop(min(fields.count, max(1, rest.height - 2)))
    let focus = fields.firstIndex(of: form.focus) ?? 0
    let top = TableScroll().top(selected: focus, count: fields.count, height: rows.height)
    for (index, field) in fields.dropFirst(top).prefix(rows.height).enumerated() {
      render(field, in: rows.row(index), to: &frame)
    }
    if rest.height > 1 { frame.rule(rest.cutTop(1)) }
    frame.write(
      StyledLine("empty: value of the clip, config.toml or the published default", .faint),
      in: rest.row(0))
    frame.reground(place, as: .dialog)
  }

  private func render(_ field: InputForm.Field, in row: Rect, to frame: inout Frame) {
    var rest = row
    let isFocused = field == form.focus
    frame.write(
      isFocused ? String(frame.glyphs.cursor) : " ", in: rest.cutLeft(2), as: .current)
    frame.write(
      field.rawValue, in: rest.cutLeft(min(Self.labelWidth, rest.width / 2)),
      as: isFocused ? .strong : .normal)
    let value = rest.cutLeft(min(Self.valueWidth, rest.width))
    _ = rest.cutLeft(1)
    LineField(form.line(field), isFocused: isFocused).render(in: value, to: &frame)
    frame.write(remark(field, isFocused), in: rest)
  }

  private func remark(_ field: InputForm.Field, _ isFocused: Bool) -> StyledLine {
    if let problem = form.problem(field) { return StyledLine("✗ \(problem)", .error) }
    if isFocused { return StyledLine(field.expected, .faint) }
    guard form.line(field).text.isEmpty, let text = inForce.text(field) else { return "" }
    return StyledLine("now \(text)", .faint)
  }
}
