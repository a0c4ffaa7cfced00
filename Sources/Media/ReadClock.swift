import Synchronization

/// Knows since when a reader has been waiting. While it works on what it got, nobody is late.
final class ReadClock: Sendable {
  private struct State {
    var waitingSince: ContinuousClock.Instant?
    var hasGivenUp = false
  }

  private let state = Mutex(State())

  /// Whether a wait ever lasted longer than the patience of `giveUp`.
  var hasGivenUp: Bool { state.withLock { $0.hasGivenUp } }

  func startWaiting() {
    state.withLock { $0.waitingSince = .now }
  }

  func stopWaiting() {
    state.withLock { $0.waitingSince = nil }
  }

  /// Calls `act` as soon as one wait has lasted for `patience`; returns when the task is cancelled.
  func giveUp(after patience: Duration, _ act: () -> Void) async {
    while !Task.isCancelled {
      let now = ContinuousClock.now
      let deadline = state.withLock { state in
        let deadline = (state.waitingSince ?? now) + patience
        state.hasGivenUp = deadline <= now
        return deadline
      }
      if deadline <= now { return act() }
      // Sleeping to the earliest moment at which there could be something to do: no polling.
      try? await Task.sleep(until: deadline, clock: .continuous)
    }
  }
}
