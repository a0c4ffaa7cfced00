import Basics
import OmniModel
import Selection

/// How fast a run plays while the user watches, and where it stops.
struct PlaybackPace {
  var breakpoints: [Breakpoint] = []
  /// Time to wait after each step.
  var delay = Duration.zero
  /// When work continues; nil where nothing holds it up.
  private var resumesAt: ContinuousClock.Instant?

  /// How long to wait for a command before work continues.
  func waitPolicy(isWorking: Bool) -> WaitPolicy {
    guard isWorking else { return .endless }
    return resumesAt.map { .until($0) } ?? .none
  }

  mutating func wait(_ duration: Duration) { resumesAt = .now + duration }

  mutating func resume() { resumesAt = nil }

  /// The breakpoint to stop at after a step; nil starts the delay, where there is one.
  /// - Parameters:
  ///   - next: the step that would run now.
  ///   - whole: the tokens of the prompt.
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
