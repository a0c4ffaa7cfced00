import Basics
import OmniModel
import Selection

/// Step delay and breakpoints of a run that the user watches.
struct PlaybackPace {
  var breakpoints: [Breakpoint] = []
  /// Delay after each step.
  var delay = Duration.zero
  /// Time at which work continues; nil: immediately.
  private var resumesAt: ContinuousClock.Instant?

  /// Wait policy for commands before work continues.
  func waitPolicy(isWorking: Bool) -> WaitPolicy {
    guard isWorking else { return .endless }
    return resumesAt.map { .until($0) } ?? .none
  }

  mutating func wait(_ duration: Duration) { resumesAt = .now + duration }

  mutating func resume() { resumesAt = nil }

  /// The breakpoint reached by a step; nil starts the delay, if any.
  /// - Parameters:
  ///   - next: the next step.
  ///   - whole: token counts of the prompt.
  mutating func pause(
    after record: StepRecord, before next: PrefillStep?, whole: ModalityCounts
  ) -> Breakpoint? {
    let reached = breakpoints.first {
      $0.stops(entering: record.entering, leaving: record.leaving, before: next, whole: whole)
    }
    if reached == nil, delay > .zero { wait(delay) }
    return reached
  }
}
