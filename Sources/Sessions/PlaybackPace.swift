import Basics
import OmniModel
import Runs
import Selection

/// Step delay and breakpoints of a run shown step by step.
struct PlaybackPace {
  var breakpoints: [Breakpoint] = []
  /// Delay after each step.
  var delay = Duration.zero
  /// Time at which the run continues after a delay; nil if there is no delay.
  private var resumesAt: ContinuousClock.Instant?

  /// How long to wait for a command before the next step.
  func waitPolicy(isWorking: Bool) -> WaitPolicy {
    guard isWorking else { return .endless }
    return resumesAt.map { .until($0) } ?? .none
  }

  mutating func wait(_ duration: Duration) { resumesAt = .now + duration }

  mutating func resume() { resumesAt = nil }

  /// The breakpoint that a step has reached; nil if none. Without one, the step delay starts.
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
