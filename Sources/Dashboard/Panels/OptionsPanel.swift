import Terminal

/// The options panel: one line per option, with its value and key.
struct OptionsPanel: Widget {
  let app: App
  let selected: Int

  func render(in area: Rect, to frame: inout Frame) {
    let lines = app.optionLines
    let place = area.centered(
      Size(width: min(72, area.width - 2), height: min(area.height, lines.count + 2)))
    frame.clear(place, as: .dialog)
    let rest = frame.box(place, title: "Options", as: .dialog).inset(horizontal: 1)
    let top = TableScroll().top(selected: selected, count: lines.count, height: rest.height)
    for (index, line) in lines.dropFirst(top).prefix(rest.height).enumerated() {
      draw(line, isSelected: top + index == selected, in: rest.row(index), to: &frame)
    }
    frame.reground(place, as: .dialog)
  }

  private func draw(
    _ line: OptionLine, isSelected: Bool, in row: Rect, to frame: inout Frame
  ) {
    var rest = row
    frame.write(
      isSelected ? String(frame.glyphs.cursor) : " ", in: rest.cutLeft(2), as: .current)
    frame.write(
      line.label, in: rest.cutLeft(min(15, rest.width / 2)), as: isSelected ? .strong : .normal)
    let key = line.action.map { app.key($0) } ?? ""
    frame.write(key, in: rest.cutRight(rest.width > 30 ? 6 : 0), as: .faint, align: .right)
    let value = line.value(app)
    frame.write(isSelected ? "< \(value) >" : "  \(value)", in: rest)
  }
}
