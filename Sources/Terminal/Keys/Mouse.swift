/// What the mouse did, and over which cell.
public struct MouseEvent: Sendable, Hashable {
  /// What it did.
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
