/// Decides when to draw: at most 30 frames a second on average, a key at once.
///
/// Frames are paid with tokens that come in at 30 a second, two at most. A frame that nobody waits
/// for must leave one behind, so that a key never waits longer than one interval.
public struct FramePacer: Sendable, Equatable {
  /// Between two frames, on average.
  public static let interval: Duration = .nanoseconds(33_333_333)

  /// When both tokens will be there again.
  private var fullAt: Duration = .zero

  public init() {}

  /// Time to wait before a frame may be drawn.
  /// - Parameter isUrgent: it answers a key.
  public func delay(at now: Duration, isUrgent: Bool) -> Duration {
    let due = isUrgent ? fullAt - Self.interval : fullAt
    return max(.zero, due - now)
  }

  /// Takes a token for a frame drawn now.
  public mutating func spend(at now: Duration) {
    fullAt = max(now, fullAt) + Self.interval
  }
}
