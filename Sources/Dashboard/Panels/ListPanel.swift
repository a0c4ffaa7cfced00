import Terminal

/// A list with a filter line, drawn above the screen: lines, the filter, and a note on the selected
/// line.
struct ListPanel: Widget {
  let app: App
  let list: ListOverlay

  private static let labelWidth = 8

  func render(in area: Rect, to frame: inout Frame) {
    let items = app.items(in: list)
    let all = app.items(of: list.kind).count
    let place = area.centered(
      Size(width: min(100, area.width - 2), height: min(area.height, max(8, all + 4))))
    frame.clear(place, as: .dialog)
    var rest = frame.box(place, title: app.title(of: list.kind).title, as: .dialog)
      .inset(horizontal: 1)
    renderFilter(in: rest.cutTop(1), found: items.count, of: all, to: &frame)
    let note = rest.cutBottom(rest.height >= 3 ? 1 : 0)
    render(items, in: rest, to: &frame)
    if items.indices.contains(list.selected) {
      frame.write(items[list.selected].note, in: note)
    } else {
      frame.write("no match: Backspace removes letters", in: note, as: .warning)
    }
    frame.reground(place, as: .dialog)
  }

  private func renderFilter(in row: Rect, found: Int, of all: Int, to frame: inout Frame) {
    var rest = row
    let count = list.editor.text.isEmpty ? "\(all)" : "\(found) of \(all)"
    frame.write(count, in: rest.cutRight(rest.width > 30 ? 12 : 0), as: .faint, align: .right)
    frame.write(": ", in: rest.cutLeft(2), as: .strong)
    LineField(list.editor).render(in: rest, to: &frame)
  }

  private func render(_ items: [ListItem], in area: Rect, to frame: inout Frame) {
    let top = TableScroll().top(
      selected: list.selected, count: items.count, height: area.height)
    for (index, item) in items.dropFirst(top).prefix(area.height).enumerated() {
      var row = area.row(index)
      let whole = row
      frame.write(
        item.label, in: row.cutLeft(min(Self.labelWidth, row.width / 3)), as: .key, align: .right)
      _ = row.cutLeft(2)
      frame.write(item.text, in: row)
      if top + index == list.selected { frame.highlight(whole) }
    }
  }
}
