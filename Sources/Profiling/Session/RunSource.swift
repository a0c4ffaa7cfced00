import OmniModel
import Selection

/// Where the steps of a shown run come from: an engine in this process, a trace, another machine.
///
/// A source reports what it does through the `EventSink` it was made with; `Player` decides when it
/// does it.
protocol RunSource {
  /// Input besides commands, such as the lines of a trace.
  associatedtype Message: Sendable
  /// Work beside the run, such as full tokens or measurements.
  associatedtype Job: RunJob

  /// Whether there is a run to step through.
  var isOpen: Bool { get }
  /// Whether the run changes by itself: events then pass without a command.
  var isFollowing: Bool { get }
  /// Steps of the run so far.
  var stepCount: Int { get }
  /// The step that `advance` gives next; nil where there is none (yet).
  var nextStep: PrefillStep? { get }
  /// Whether `decode` has more to give, once there is no next step.
  var hasMoreAnswer: Bool { get }
  /// Tokens of the prompt.
  var promptCounts: ModalityCounts { get }
  /// How long the next step lasts where it is played at recorded speed; nil where it takes as long as
  /// it takes to compute.
  var recordedDuration: Duration? { get }

  /// Reports the run, where it is ready, and says where to go first.
  mutating func open() -> PlayerMove<Job>?
  mutating func advance(_ cancellation: Cancellation) throws(PrefillError) -> StepRecord?
  /// Reports the next stage of the answer.
  /// - Returns: how long to wait before the next; nil after the last.
  mutating func decode() throws(PrefillError) -> Duration?
  /// Undoes the answer, or else the last step. False where there is nothing to undo.
  mutating func back() -> Bool
  mutating func rewind(toSteps steps: Int)
  /// Does what a command asks that is not about playing.
  mutating func perform(_ command: SessionCommand) -> PlayerMove<Job>?
  mutating func receive(_ message: Message) -> PlayerMove<Job>?
  /// A piece of a job.
  /// - Returns: whether the job is done.
  mutating func work(on job: Job, _ cancellation: Cancellation) throws(PrefillError) -> Bool
  /// The user steps through the run by hand from here.
  mutating func stopFollowing()
  /// Playing has stopped. True where the run follows its origin again.
  mutating func stopped()
  /// There is nothing to play: waits for more where more can come.
  mutating func waitForMore()
  /// Forgets jobs that were begun.
  mutating func cancelJobs()
}

/// Work beside the run.
protocol RunJob: Equatable, Sendable {
  /// Whether it goes on where the plan changes.
  var survivesNewPlan: Bool { get }
}

/// Where a player goes after a command or a message.
enum PlayerMove<Job: RunJob>: Equatable {
  /// Until this many steps are done.
  case steps(Int)
  /// Back to where the run stood before an edit, unless something else runs.
  case resume(toSteps: Int, answer: Bool)
  /// The same for a run that was opened again, whatever runs.
  case reopen(toSteps: Int, answer: Bool)
  case job(Job)
  case stop
}

/// Passes events on and remembers the activity they report. Used by one thread.
final class EventSink {
  private(set) var activity = SessionActivity.idle
  private let describe: @Sendable (any Error) -> String
  private let onEvent: @Sendable (SessionEvent) -> Void

  /// - Parameter describe: makes one sentence of an error.
  init(
    describe: @escaping @Sendable (any Error) -> String,
    onEvent: @escaping @Sendable (SessionEvent) -> Void
  ) {
    (self.describe, self.onEvent) = (describe, onEvent)
  }

  func send(_ event: SessionEvent) {
    if case .activity(let now) = event { activity = now }
    onEvent(event)
  }

  /// Reports an activity unless it is the last reported one.
  func report(_ now: SessionActivity) {
    if now != activity { send(.activity(now)) }
  }

  func fail(_ error: any Error) { send(.failed(describe(error))) }
  func warn(_ error: any Error) { send(.warned(describe(error))) }
  func log(_ error: any Error) { send(.logged(describe(error))) }

  /// Reports the summary of a results file.
  func readSweep(_ path: String) {
    do throws(SweepFileError) {
      send(.study(try .summary(ofFile: path)))
    } catch {
      fail(error)
    }
  }
}
