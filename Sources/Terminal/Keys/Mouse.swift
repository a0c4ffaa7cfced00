/// A mouse event at a cell of the screen.
public struct MouseEvent: Sendable, Hashable {
  /// Kind of a mouse event.
  public enum Kind: Sendable, Hashable {
    /// The left button was pressed.
    case press
    case wheelUp, wheelDown
  }

  public let kind: Kind
  public let x: Int
  public let y: Int

  public init(_ kind: Kind, x: Int, y: Int) {
    self.kind = kind
    self.x = x
    self.y = y
  }
}
