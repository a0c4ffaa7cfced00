/// A part of the screen as a value. It uses roles instead of colours, and draws into any area, also
/// an empty one.
public protocol Widget: Sendable {
  func render(in area: Rect, to frame: inout Frame)
}
