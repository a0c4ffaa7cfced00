import OmniModel
import Selection

/// Source of a run's steps: the engine of this process, or a trace.
///
/// A source reports events through its `EventSink`; `Player` decides when it works.
protocol RunSource {
  /// Input besides commands, such as the lines of a trace.
  associatedtype Message: Sendable
  /// Additional work, such as full tokens or measurements.
  associatedtype Job: RunJob

  /// Whether a run is open.
  var isOpen: Bool { get }
  /// Whether the run follows a growing trace: events then pass without a command.
  var isFollowing: Bool { get }
  /// Steps of the run so far.
  var stepCount: Int { get }
  /// The next step; nil if there is none (yet).
  var nextStep: PrefillStep? { get }
  /// Whether `decode` has more, once there is no next step.
  var hasMoreAnswer: Bool { get }
  /// Tokens of the prompt.
  var promptCounts: ModalityCounts { get }
  /// Recorded duration of the next step; nil for a live run.
  var recordedDuration: Duration? { get }

  /// Reports the run if ready, and returns the first goal.
  mutating func open() -> PlayerMove<Job>?
  mutating func advance(_ cancellation: Cancellation) throws(PrefillError) -> StepRecord?
  /// Reports the next stage of the answer.
  /// - Returns: delay before the next stage; nil after the last.
  mutating func decode() throws(PrefillError) -> Duration?
  /// Undoes the answer, or the last step; false if there is none.
  mutating func back() -> Bool
  mutating func rewind(toSteps steps: Int)
  /// Handles a command that is not about playback.
  mutating func perform(_ command: SessionCommand) -> PlayerMove<Job>?
  mutating func receive(_ message: Message) -> PlayerMove<Job>?
  /// A unit of work of a job.
  /// - Returns: whether the job is done.
  mutating func work(on job: Job, _ cancellation: Cancellation) throws(PrefillError) -> Bool
  /// Stops following a growing trace.
  mutating func stopFollowing()
  /// Playback has stopped. Returns true if the run follows its trace again.
  mutating func stopped()
  /// Nothing left to play: follows the trace if it can grow.
  mutating func waitForMore()
  /// Discards started jobs.
  mutating func cancelJobs()
}

/// Additional work of a source.
protocol RunJob: Equatable, Sendable {
  /// Whether it continues after a plan change.
  var survivesNewPlan: Bool { get }
}

/// The goal of a player after a command or a message.
enum PlayerMove<Job: RunJob>: Equatable {
  /// Until this many steps are done.
  case steps(Int)
  /// Resume to the state before an edit, unless other work runs.
  case resume(toSteps: Int, answer: Bool)
  /// Resume after the run was reopened, in any case.
  case reopen(toSteps: Int, answer: Bool)
  case job(Job)
  case stop
}

/// Forwards events and stores the last activity. Used by one thread.
final class EventSink {
  private(set) var activity = SessionActivity.idle
  private let onEvent: @Sendable (SessionEvent) -> Void

  init(_ onEvent: @escaping @Sendable (SessionEvent) -> Void) { self.onEvent = onEvent }

  func send(_ event: SessionEvent) {
    if case .activity(let now) = event { activity = now }
    onEvent(event)
  }

  /// Reports an activity unless it is the last reported one.
  func report(_ now: SessionActivity) {
    if now != activity { send(.activity(now)) }
  }

  func fail(_ error: any Error) { send(.failed(.error(error))) }
  func warn(_ error: any Error) { send(.warned(.error(error))) }
  func log(_ error: any Error) { send(.logged(.error(error))) }

  /// Reports the summary of a results file.
  func readSweep(_ path: String) {
    do throws(SweepFileError) {
      send(.study(try .summary(ofFile: path)))
    } catch {
      fail(error)
    }
  }
}
