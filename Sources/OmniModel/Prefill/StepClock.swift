import Basics

/// A stopwatch for wall time with lap times.
struct StepClock {
  private let clock = ContinuousClock()
  private let start: ContinuousClock.Instant
  private var last: ContinuousClock.Instant

  init() {
    start = clock.now
    last = start
  }

  /// Seconds since the previous lap.
  mutating func lap() -> Double {
    let now = clock.now
    defer { last = now }
    return last.duration(to: now).seconds
  }

  var total: Double { start.duration(to: clock.now).seconds }
}
