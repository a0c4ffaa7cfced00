/// Rate limit of drawing: at most 30 frames a second on average, after a key at once.
///
/// A token bucket of size two, filled at 30 a second. A frame without a key must leave one token,
/// so that a key never waits longer than one interval.
public struct FramePacer: Sendable, Equatable {
  /// Average interval between frames.
  public static let interval: Duration = .nanoseconds(33_333_333)

  /// Time at which the bucket is full.
  private var fullAt: Duration = .zero

  public init() {}

  /// Time to wait before a frame may be drawn.
  /// - Parameter isUrgent: the frame follows a key.
  public func delay(at now: Duration, isUrgent: Bool) -> Duration {
    let due = isUrgent ? fullAt - Self.interval : fullAt
    return max(.zero, due - now)
  }

  /// Takes a token for a frame drawn now.
  public mutating func spend(at now: Duration) {
    fullAt = max(now, fullAt) + Self.interval
  }
}
