/// The scroll offset of a list. It changes only when the selection would leave the visible rows.
public struct TableScroll: Sendable, Equatable {
  /// The first visible row; nil keeps the selection in the middle.
  private var offset: Int?

  public init(offset: Int? = nil) {
    self.offset = offset
  }

  /// The first visible row.
  /// - Parameter height: visible rows, titles not included.
  public func top(selected: Int, count: Int, height: Int) -> Int {
    let last = max(0, count - height)
    guard let offset else { return max(0, min(selected - height / 2, last)) }
    return max(0, min(last, max(selected - height + 1, min(offset, selected))))
  }

  /// Keeps the offset that is visible now. To be called before the selection changes.
  public mutating func hold(selected: Int, count: Int, height: Int) {
    offset = top(selected: selected, count: count, height: height)
  }

  /// The row of a table at a line of the screen; nil on its titles and below its end.
  public func row(at y: Int, in area: Rect, selected: Int, count: Int) -> Int? {
    let (line, height) = (y - area.y - 1, area.height - 1)
    guard line >= 0, line < height else { return nil }
    let row = top(selected: selected, count: count, height: height) + line
    return row < count ? row : nil
  }
}
