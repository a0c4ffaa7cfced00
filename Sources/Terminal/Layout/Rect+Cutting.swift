/// Layout by cutting: a screen is a rectangle from which each panel takes its strip.
///
///     var rest = Rect(size)
///     let header = rest.cutTop(1)
///     let keys = rest.cutBottom(1)
extension Rect {
  /// Takes `rows` from the top (as many as there are) and leaves the rest.
  public mutating func cutTop(_ rows: Int) -> Rect {
    let taken = min(max(0, rows), height)
    let strip = Rect(x: x, y: y, width: width, height: taken)
    self = Rect(x: x, y: y + taken, width: width, height: height - taken)
    return strip
  }

  /// Takes `rows` from the bottom, as `cutTop` does.
  public mutating func cutBottom(_ rows: Int) -> Rect {
    let taken = min(max(0, rows), height)
    let strip = Rect(x: x, y: bottom - taken, width: width, height: taken)
    self = Rect(x: x, y: y, width: width, height: height - taken)
    return strip
  }

  /// Takes `columns` from the left (as many as there are) and leaves the rest.
  public mutating func cutLeft(_ columns: Int) -> Rect {
    let taken = min(max(0, columns), width)
    let strip = Rect(x: x, y: y, width: taken, height: height)
    self = Rect(x: x + taken, y: y, width: width - taken, height: height)
    return strip
  }

  /// Takes `columns` from the right, as `cutLeft` does.
  public mutating func cutRight(_ columns: Int) -> Rect {
    let taken = min(max(0, columns), width)
    let strip = Rect(x: right - taken, y: y, width: taken, height: height)
    self = Rect(x: x, y: y, width: width - taken, height: height)
    return strip
  }
}
