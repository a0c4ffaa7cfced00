/// A table with a cursor. Only visible rows are requested.
public struct Table: Widget {
  /// A column: title, width and alignment.
  public struct Column: Sendable, Equatable {
    public let title: String
    public let width: ColumnWidth
    public let align: Alignment
    /// The lowest priority is dropped first.
    public let priority: Int
    public let titleRole: Role

    public init(
      _ title: String, _ width: ColumnWidth, align: Alignment = .right, priority: Int = 0,
      titleRole: Role = .title
    ) {
      self.title = title
      self.width = width
      self.align = align
      self.priority = priority
      self.titleRole = titleRole
    }
  }

  /// Content of a table cell.
  public enum Content: Sendable, Equatable {
    case line(StyledLine)
    case bar(StackedBar)

    /// A line in one role.
    public static func text(_ text: String, _ role: Role = .normal) -> Content {
      .line(StyledLine(text, role))
    }
  }

  public let columns: [Column]
  public let rowCount: Int
  public let selected: Int?
  /// Contents of a visible row, one per column.
  public let row: @Sendable (Int) -> [Content]

  public init(
    columns: [Column], rowCount: Int, selected: Int? = nil,
    row: @escaping @Sendable (Int) -> [Content]
  ) {
    self.columns = columns
    self.rowCount = rowCount
    self.selected = selected
    self.row = row
  }

  public func render(in area: Rect, to frame: inout Frame) {
    guard !area.isEmpty else { return }
    var rest = area
    let titles = rest.cutTop(1)
    let scrolls = rowCount > rest.height && rest.width > 8
    let rail = rest.cutRight(scrolls ? 1 : 0)
    let places = ColumnLayout.place(
      columns.map { .init($0.width, priority: $0.priority) }, in: rest.width)
    for place in places {
      let column = columns[place.column]
      frame.write(
        column.title, in: Self.cell(place, titles), as: column.titleRole, align: column.align)
    }
    let top = Self.top(selected: selected ?? 0, count: rowCount, height: rest.height)
    for line in 0..<min(rest.height, rowCount - top) {
      draw(top + line, places, in: rest.row(line), to: &frame)
    }
    if scrolls { drawRail(in: rail, top: top, to: &frame) }
  }

  /// The first visible row, with the selected row near the middle.
  public static func top(selected: Int, count: Int, height: Int) -> Int {
    max(0, min(selected - height / 2, count - height))
  }

  /// The table row at a screen line; nil on the titles and below the end.
  public static func row(at y: Int, in area: Rect, selected: Int, count: Int) -> Int? {
    let line = y - area.y - 1
    let shown = area.height - 1
    guard line >= 0, line < shown else { return nil }
    let row = top(selected: selected, count: count, height: shown) + line
    return row < count ? row : nil
  }

  private static func cell(_ place: ColumnLayout.Placement, _ row: Rect) -> Rect {
    Rect(x: row.x + place.offset, y: row.y, width: place.width, height: row.height)
  }

  private func draw(
    _ index: Int, _ places: [ColumnLayout.Placement], in area: Rect, to frame: inout Frame
  ) {
    let contents = row(index)
    let isSelected = index == selected
    for place in places where place.column < contents.count {
      let cell = Self.cell(place, area)
      switch contents[place.column] {
      case .line(let line):
        frame.write(line, in: cell, align: columns[place.column].align)
        // Bars keep their colours: only text is highlighted.
        if isSelected { frame.highlight(covered(place, places, area)) }
      case .bar(let bar): bar.render(in: cell, to: &frame)
      }
    }
  }

  /// A cell and the gap to its right.
  private func covered(
    _ place: ColumnLayout.Placement, _ places: [ColumnLayout.Placement], _ area: Rect
  ) -> Rect {
    let isLast = place == places.last
    return Rect(
      x: area.x + place.offset, y: area.y, width: place.width + (isLast ? 0 : 1), height: 1)
  }

  private func drawRail(in rail: Rect, top: Int, to frame: inout Frame) {
    guard rowCount > 0, rail.height > 0 else { return }
    let length = max(1, rail.height * rail.height / rowCount)
    let travel = rail.height - length
    let span = max(1, rowCount - rail.height)
    let start = rail.y + travel * top / span
    for y in start..<min(rail.bottom, start + length) {
      frame.put(frame.glyphs.vertical, x: rail.x, y: y, style: frame.look.theme[.faint])
    }
  }
}
