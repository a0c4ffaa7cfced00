/// Limits drawing to 30 frames per second on average; a frame after a key is drawn at once.
///
/// A token bucket with two tokens that refills at 30 tokens per second. A frame without a key must
/// leave one token, so that a frame after a key never waits longer than one interval.
public struct FramePacer: Sendable, Equatable {
  /// Average interval between frames.
  public static let interval: Duration = .nanoseconds(33_333_333)

  /// Time at which the bucket is full again.
  private var fullAt: Duration = .zero

  public init() {}

  /// Time to wait before a frame may be drawn.
  /// - Parameter isUrgent: whether the frame follows a key.
  public func delay(at now: Duration, isUrgent: Bool) -> Duration {
    let due = isUrgent ? fullAt - Self.interval : fullAt
    return max(.zero, due - now)
  }

  /// Takes one token for a frame that is drawn now.
  public mutating func spend(at now: Duration) {
    fullAt = max(now, fullAt) + Self.interval
  }
}
