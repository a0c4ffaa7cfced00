/// Scroll offset of a list. It changes only when the selected row would no longer be visible.
public struct TableScroll: Sendable, Equatable {
  /// Index of the first visible row; nil keeps the selected row in the middle.
  private var offset: Int?

  public init(offset: Int? = nil) {
    self.offset = offset
  }

  /// Index of the first visible row.
  /// - Parameter height: number of visible rows, without titles.
  public func top(selected: Int, count: Int, height: Int) -> Int {
    let last = max(0, count - height)
    guard let offset else { return max(0, min(selected - height / 2, last)) }
    return max(0, min(last, max(selected - height + 1, min(offset, selected))))
  }

  /// Keeps the scroll offset that is visible now. Must be called before the selection changes.
  public mutating func hold(selected: Int, count: Int, height: Int) {
    offset = top(selected: selected, count: count, height: height)
  }

  /// Index of the table row at a line of the screen; nil on the titles and below the last row.
  public func row(at y: Int, in area: Rect, selected: Int, count: Int) -> Int? {
    let (line, height) = (y - area.y - 1, area.height - 1)
    guard line >= 0, line < height else { return nil }
    let row = top(selected: selected, count: count, height: height) + line
    return row < count ? row : nil
  }
}
