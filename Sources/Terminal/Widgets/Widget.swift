/// A part of the screen as a value. Uses roles, not colours; any area is valid, also an empty one.
public protocol Widget: Sendable {
  func render(in area: Rect, to frame: inout Frame)
}
