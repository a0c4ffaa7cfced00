/// A mouse event at a cell.
public struct MouseEvent: Sendable, Hashable {
  /// Kind of mouse event.
  public enum Kind: Sendable, Hashable {
    /// The left button went down.
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
