/// Content of a table cell.
public enum TableCell: Sendable, Equatable {
  case line(StyledLine)
  case bar(StackedBar)

  /// A cell with a text in one role.
  public static func text(_ text: String, _ role: Role = .normal) -> TableCell {
    .line(StyledLine(text, role))
  }
}

/// A table column: title, width, alignment, and a function that gives the cell of a row.
public struct TableColumn<Row>: Sendable {
  public let title: String
  public let width: ColumnWidth
  public let align: Alignment
  /// Priority of the column; where space is short, columns with the lowest priority are left out
  /// first.
  public let priority: Int
  public let titleRole: Role
  public let cell: @Sendable (Row) -> TableCell

  public init(
    _ title: String, _ width: ColumnWidth, align: Alignment = .right, priority: Int = 0,
    titleRole: Role = .title, cell: @escaping @Sendable (Row) -> TableCell
  ) {
    self.title = title
    self.width = width
    self.align = align
    self.priority = priority
    self.titleRole = titleRole
    self.cell = cell
  }
}

/// A scrollable table with a selected row. Only visible cells are computed.
public struct Table<Row: Sendable>: Widget {
  public let columns: [TableColumn<Row>]
  public let rows: [Row]
  public let selected: Int?
  public let scroll: TableScroll

  public init(
    _ columns: [TableColumn<Row>], rows: [Row], selected: Int? = nil,
    scroll: TableScroll = TableScroll()
  ) {
    self.columns = columns
    self.rows = rows
    self.selected = selected
    self.scroll = scroll
  }

  public func render(in area: Rect, to frame: inout Frame) {
    guard !area.isEmpty else { return }
    var rest = area
    let titles = rest.cutTop(1)
    let scrolls = rows.count > rest.height && rest.width > 8
    let rail = rest.cutRight(scrolls ? 1 : 0)
    let places = ColumnLayout.place(
      columns.map { .init($0.width, priority: $0.priority) }, in: rest.width)
    for place in places {
      let column = columns[place.column]
      frame.write(
        column.title, in: Self.cell(place, titles), as: column.titleRole, align: column.align)
    }
    let top = scroll.top(selected: selected ?? 0, count: rows.count, height: rest.height)
    for line in 0..<min(rest.height, rows.count - top) {
      draw(top + line, places, in: rest.row(line), to: &frame)
    }
    if scrolls { drawRail(in: rail, top: top, to: &frame) }
  }

  private static func cell(_ place: ColumnLayout.Placement, _ row: Rect) -> Rect {
    Rect(x: row.x + place.offset, y: row.y, width: place.width, height: row.height)
  }

  private func draw(
    _ index: Int, _ places: [ColumnLayout.Placement], in area: Rect, to frame: inout Frame
  ) {
    let isSelected = index == selected
    for place in places {
      let (column, cell) = (columns[place.column], Self.cell(place, area))
      switch column.cell(rows[index]) {
      case .line(let line):
        frame.write(line, in: cell, align: column.align)
        // Only text is highlighted; bars keep their colours.
        if isSelected { frame.highlight(covered(place, places, area)) }
      case .bar(let bar): bar.render(in: cell, to: &frame)
      }
    }
  }

  /// Area of a cell and of the gap to its right.
  private func covered(
    _ place: ColumnLayout.Placement, _ places: [ColumnLayout.Placement], _ area: Rect
  ) -> Rect {
    let isLast = place == places.last
    return Rect(
      x: area.x + place.offset, y: area.y, width: place.width + (isLast ? 0 : 1), height: 1)
  }

  private func drawRail(in rail: Rect, top: Int, to frame: inout Frame) {
    guard !rows.isEmpty, rail.height > 0 else { return }
    let length = max(1, rail.height * rail.height / rows.count)
    let travel = rail.height - length
    let span = max(1, rows.count - rail.height)
    let start = rail.y + travel * top / span
    for y in start..<min(rail.bottom, start + length) {
      frame.put(frame.glyphs.vertical, x: rail.x, y: y, style: frame.look.theme[.faint])
    }
  }
}
