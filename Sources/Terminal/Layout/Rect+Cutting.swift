/// Layout by splitting: each panel takes a strip from the rest of the screen.
///
///     var rest = Rect(size)
///     let header = rest.cutTop(1)
///     let keys = rest.cutBottom(1)
extension Rect {
  /// Removes up to `rows` rows from the top and returns them.
  public mutating func cutTop(_ rows: Int) -> Rect {
    let taken = min(max(0, rows), height)
    let strip = Rect(x: x, y: y, width: width, height: taken)
    self = Rect(x: x, y: y + taken, width: width, height: height - taken)
    return strip
  }

  /// Removes up to `rows` rows from the bottom and returns them.
  public mutating func cutBottom(_ rows: Int) -> Rect {
    let taken = min(max(0, rows), height)
    let strip = Rect(x: x, y: bottom - taken, width: width, height: taken)
    self = Rect(x: x, y: y, width: width, height: height - taken)
    return strip
  }

  /// Removes up to `columns` columns from the left and returns them.
  public mutating func cutLeft(_ columns: Int) -> Rect {
    let taken = min(max(0, columns), width)
    let strip = Rect(x: x, y: y, width: taken, height: height)
    self = Rect(x: x + taken, y: y, width: width - taken, height: height)
    return strip
  }

  /// Removes up to `columns` columns from the right and returns them.
  public mutating func cutRight(_ columns: Int) -> Rect {
    let taken = min(max(0, columns), width)
    let strip = Rect(x: right - taken, y: y, width: taken, height: height)
    self = Rect(x: x, y: y, width: width - taken, height: height)
    return strip
  }
}
