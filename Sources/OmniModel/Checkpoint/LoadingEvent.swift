import Synchronization
import Tensors

/// Events while a model is loaded and used; none of them stops a run.
public enum LoadingEvent: Error, Sendable, Equatable {
  case cache(PackedCacheEvent)
  case encodings(EncoderCacheEvent)
  /// The weights do not fit in memory and are streamed.
  case streamed(StreamingPlan)
  /// Progress of loading; several times a second if it takes long, and once at the end.
  case progress(LoadingProgress)
  /// A line that an engine in another process wrote for people.
  case engineLine(String)
}

/// Progress of loading weights.
public struct LoadingProgress: Sendable, Equatable {
  public enum Work: String, Sendable, CaseIterable {
    /// Weights are packed into a cache file, which later runs map.
    case packing
    /// Weights are read into memory and rounded or quantised.
    case reading
    /// Random weights are generated.
    case making
  }

  public let work: Work
  /// Bytes of weights loaded so far, and of all weights.
  public let done, total: Int
  /// Seconds since loading began.
  public let seconds: Double

  public init(_ work: Work, done: Int, total: Int, seconds: Double) {
    (self.work, self.done, self.total, self.seconds) = (work, done, total, seconds)
  }

  public var isComplete: Bool { done >= total }
  /// Fraction of the weights that is loaded, 0…1.
  public var share: Double { total > 0 ? min(1, Double(done) / Double(total)) : 1 }
  /// Loading speed in bytes per second; nil at the start.
  public var bytesPerSecond: Double? { seconds > 0 && done > 0 ? Double(done) / seconds : nil }
  public var secondsLeft: Double? {
    bytesPerSecond.map { Double(max(0, total - done)) / $0 }
  }
}

/// Counts loaded bytes and reports progress several times a second.
final class LoadingMeter: Sendable {
  private let work: LoadingProgress.Work
  private let total: Int
  private let report: @Sendable (LoadingEvent) -> Void
  private let start = ContinuousClock.now
  private let state = Mutex<(done: Int, reported: ContinuousClock.Instant?)>((0, nil))

  /// Starts counting.
  /// - Parameter total: approximate bytes of all weights.
  init(
    _ work: LoadingProgress.Work, total: Int, report: @escaping @Sendable (LoadingEvent) -> Void
  ) {
    (self.work, self.total, self.report) = (work, total, report)
  }

  private static let interval = Duration.milliseconds(100)

  func add(_ bytes: Int) {
    let now = ContinuousClock.now
    let done = state.withLock { state -> Int? in
      // The total is an estimate, so only `finish` reports the end.
      state.done = min(state.done + bytes, total - 1)
      guard now - (state.reported ?? start) >= Self.interval else { return nil }
      state.reported = now
      return state.done
    }
    if let done { report(.progress(progress(done, now))) }
  }

  /// Reports the end of loading, if progress was reported before.
  func finish() {
    guard state.withLock({ $0.reported != nil }) else { return }
    report(.progress(progress(total, .now)))
  }

  private func progress(_ done: Int, _ now: ContinuousClock.Instant) -> LoadingProgress {
    LoadingProgress(work, done: done, total: total, seconds: (now - start) / .seconds(1))
  }
}
