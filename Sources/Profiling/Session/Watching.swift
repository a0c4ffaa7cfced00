import OmniModel
import Selection

/// How a run, live or recorded, is watched: up to a breakpoint, at a pace people can follow.
struct Watching {
  var breakpoints: [Breakpoint] = []
  var pace = Duration.zero
  /// When work goes on; nil where nothing holds it up.
  private(set) var resumesAt: ContinuousClock.Instant?

  /// How long a command is waited for before work goes on.
  func patience(isWorking: Bool) -> Patience {
    guard isWorking else { return .endless }
    return resumesAt.map { .until($0) } ?? .none
  }

  mutating func wait(_ duration: Duration) { resumesAt = .now + duration }

  mutating func goOn() { resumesAt = nil }

  /// The breakpoint to stop at after a step; waits a little where there is none and the run is paced.
  /// - Parameters:
  ///   - next: the step that would run now.
  ///   - whole: the tokens of the prompt.
  mutating func pause(
    after record: StepRecord, before next: PrefillStep?, whole: ModalityCounts
  ) -> Breakpoint? {
    let reached = breakpoints.first {
      $0.stops(entering: record.entering, leaving: record.leaving, before: next, whole: whole)
    }
    if reached == nil, pace > .zero { wait(pace) }
    return reached
  }
}
