/// Width and height of a screen or of a part of it, in cells.
public struct Size: Sendable, Hashable {
  /// Maximum number of columns and of rows; of larger terminals only a part is used.
  public static let largestSide = 1000

  public var width: Int
  public var height: Int

  public init(width: Int, height: Int) {
    self.width = width
    self.height = height
  }

  public var isEmpty: Bool { width <= 0 || height <= 0 }
}

/// A rectangle of the screen, in cells; x grows to the right, y grows down. Its size is never
/// negative.
public struct Rect: Sendable, Hashable {
  public let x: Int
  public let y: Int
  public let width: Int
  public let height: Int

  public init(x: Int, y: Int, width: Int, height: Int) {
    self.x = x
    self.y = y
    self.width = max(0, width)
    self.height = max(0, height)
  }

  public init(_ size: Size) {
    self.init(x: 0, y: 0, width: size.width, height: size.height)
  }

  public var size: Size { Size(width: width, height: height) }
  public var isEmpty: Bool { width == 0 || height == 0 }
  public var right: Int { x + width }
  public var bottom: Int { y + height }

  /// Whether the cell at column `x` and row `y` is in the rectangle.
  public func contains(x column: Int, y row: Int) -> Bool {
    column >= x && column < right && row >= y && row < bottom
  }

  /// Whether another rectangle is completely in this one; always true for an empty one.
  public func contains(_ other: Rect) -> Bool {
    other.isEmpty
      || (other.x >= x && other.right <= right && other.y >= y && other.bottom <= bottom)
  }

  /// The cells in both rectangles; empty if there are none.
  public func intersection(_ other: Rect) -> Rect {
    let (left, top) = (max(x, other.x), max(y, other.y))
    return Rect(
      x: left, y: top, width: min(right, other.right) - left,
      height: min(bottom, other.bottom) - top)
  }

  /// The rectangle without margins of these widths.
  public func inset(horizontal: Int = 0, vertical: Int = 0) -> Rect {
    Rect(
      x: x + min(horizontal, width / 2), y: y + min(vertical, height / 2),
      width: width - 2 * horizontal, height: height - 2 * vertical)
  }

  /// A rectangle of the given size in the centre of this one, clipped to it.
  public func centered(_ wanted: Size) -> Rect {
    let (w, h) = (min(max(0, wanted.width), width), min(max(0, wanted.height), height))
    return Rect(x: x + (width - w) / 2, y: y + (height - h) / 2, width: w, height: h)
  }

  /// Row `index` of the rectangle; empty if there is no such row.
  public func row(_ index: Int) -> Rect {
    guard index >= 0, index < height else { return Rect(x: x, y: y, width: 0, height: 0) }
    return Rect(x: x, y: y + index, width: width, height: 1)
  }
}
