/// Layout by splitting: each panel cuts its strip off the rest of the screen.
///
///     var rest = Rect(size)
///     let header = rest.cutTop(1)
///     let keys = rest.cutBottom(1)
extension Rect {
  /// Removes and returns up to `rows` from the top.
  public mutating func cutTop(_ rows: Int) -> Rect {
    let taken = min(max(0, rows), height)
    let strip = Rect(x: x, y: y, width: width, height: taken)
    self = Rect(x: x, y: y + taken, width: width, height: height - taken)
    return strip
  }

  /// Removes and returns up to `rows` from the bottom.
  public mutating func cutBottom(_ rows: Int) -> Rect {
    let taken = min(max(0, rows), height)
    let strip = Rect(x: x, y: bottom - taken, width: width, height: taken)
    self = Rect(x: x, y: y, width: width, height: height - taken)
    return strip
  }

  /// Removes and returns up to `columns` from the left.
  public mutating func cutLeft(_ columns: Int) -> Rect {
    let taken = min(max(0, columns), width)
    let strip = Rect(x: x, y: y, width: taken, height: height)
    self = Rect(x: x + taken, y: y, width: width - taken, height: height)
    return strip
  }

  /// Removes and returns up to `columns` from the right.
  public mutating func cutRight(_ columns: Int) -> Rect {
    let taken = min(max(0, columns), width)
    let strip = Rect(x: right - taken, y: y, width: taken, height: height)
    self = Rect(x: x, y: y, width: width - taken, height: height)
    return strip
  }
}
