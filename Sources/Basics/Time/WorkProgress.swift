import Synchronization

/// Progress of long work: what is done, how much of it, and for how long. The screen and standard
/// error show the same value.
public struct WorkProgress: Sendable, Equatable {
  /// Kinds of work that can take long.
  public enum Work: String, Sendable, CaseIterable {
    /// Weights are packed into a cache file, which later runs map.
    case packing
    /// Weights are read into memory and rounded or quantised.
    case reading
    /// Random weights are generated.
    case making
    /// A media file is copied from the engine's computer.
    case copying
    /// Frames of a media file are decoded and resized.
    case frames
    /// Blocks of an encoder.
    case imageEncoder, videoEncoder, audioEncoder
    /// Decoder layers of the prefill.
    case layers
    /// Steps of the prefill with full tokens.
    case fullTokens
    /// Timed repetitions of the prefill.
    case repeats
    /// Points of a study: dependency curve, sweep, comparison, agreement, worth of windows.
    case dependency, sweep, comparison, agreement, worth
  }

  public let work: Work
  /// Amount that is done, and the whole amount, in the unit of the work.
  public let done, total: Int
  /// Amount that was done before the time began, for work that is resumed.
  public let start: Int
  /// Seconds since the work began.
  public let seconds: Double
  /// Estimated seconds left, where parts differ in cost; nil: in proportion to the amount.
  public var estimate: Double?

  public init(
    _ work: Work, done: Int, total: Int, start: Int = 0, seconds: Double, estimate: Double? = nil
  ) {
    (self.work, self.done, self.total, self.start) = (work, done, total, start)
    (self.seconds, self.estimate) = (seconds, estimate)
  }

  public var isComplete: Bool { done >= total }
  /// Fraction of the work that is done, 0…1.
  public var share: Double {
    total > 0 ? min(1, max(0, Double(done) / Double(total))) : 1
  }
  /// Amount per second; nil at the start.
  public var perSecond: Double? {
    seconds > 0 && done > start ? Double(done - start) / seconds : nil
  }
  public var secondsLeft: Double? {
    estimate ?? perSecond.map { Double(max(0, total - done)) / $0 }
  }
}

/// Counts finished work and reports it at most ten times a second, and only if it takes longer than
/// half a second.
public final class ProgressMeter: Sendable {
  /// Time without a report at the beginning, and time between two reports.
  public static let silence = Duration.milliseconds(500)
  public static let interval = Duration.milliseconds(100)

  public let work: WorkProgress.Work
  public let total: Int
  private let first: Int
  private let now: @Sendable () -> Duration
  private let report: @Sendable (WorkProgress) -> Void
  private let began: Duration
  private let state: Mutex<State>

  private struct State {
    var done: Int
    var reported: Duration?
  }

  /// Starts counting.
  /// - Parameters:
  ///   - total: amount of the whole work; may be an estimate, only `finish` reports the end.
  ///   - done: amount that is done already.
  ///   - now: the clock.
  ///   - report: called on the thread that counts.
  public init(
    _ work: WorkProgress.Work, total: Int, done: Int = 0,
    now: @escaping @Sendable () -> Duration = ProgressMeter.uptime,
    report: @escaping @Sendable (WorkProgress) -> Void
  ) {
    (self.work, self.total, first, self.now, self.report) = (work, total, done, now, report)
    began = now()
    state = Mutex(State(done: done))
  }

  private static let origin = ContinuousClock.now

  /// Time since the program began to count.
  @Sendable public static func uptime() -> Duration { origin.duration(to: .now) }

  /// Adds to the amount that is done.
  public func add(_ amount: Int) { update { $0 + amount } }

  /// Sets the amount that is done.
  public func set(_ done: Int) { update { _ in done } }

  private func update(_ change: (Int) -> Int) {
    let now = now()
    let done = state.withLock { state -> Int? in
      state.done = max(first, min(change(state.done), total - 1))
      let isDue =
        state.reported.map { now - $0 >= Self.interval } ?? (now - began >= Self.silence)
      guard isDue else { return nil }
      state.reported = now
      return state.done
    }
    if let done { report(progress(done, now)) }
  }

  /// Reports the end, if progress was reported before.
  public func finish() {
    guard state.withLock({ $0.reported != nil }) else { return }
    report(progress(total, now()))
  }

  private func progress(_ done: Int, _ now: Duration) -> WorkProgress {
    WorkProgress(work, done: done, total: total, start: first, seconds: (now - began).seconds)
  }
}
