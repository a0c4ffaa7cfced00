/// A piece of the screen as a value. It asks for roles, never for colours, and survives an empty
/// area.
public protocol Widget: Sendable {
  func render(in area: Rect, to frame: inout Frame)
}
