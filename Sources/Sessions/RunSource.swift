import Basics
import Evaluations
import OmniModel
import Runs
import Selection

/// Source of the steps of a run: the engine of this process, or a trace.
///
/// A source reports events through its `EventSink`; a `Player` decides when it works.
public protocol RunSource {
  /// Messages other than commands, such as lines of a trace.
  associatedtype Message: Sendable
  /// Work other than the prefill, such as full tokens or measurements.
  associatedtype Job: RunJob

  /// Whether a run is open.
  var isOpen: Bool { get }
  /// Whether the run follows a growing trace: new events are shown without a command.
  var isFollowing: Bool { get }
  /// Number of steps shown so far.
  var stepCount: Int { get }
  /// The next step; nil if there is none, or none yet.
  var nextStep: PrefillStep? { get }
  /// Whether `decode` can continue the answer, when there is no next step.
  var hasMoreAnswer: Bool { get }
  /// Token counts of the prompt.
  var promptCounts: ModalityCounts { get }
  /// Recorded duration of the next step; nil for a live run.
  var recordedDuration: Duration? { get }

  /// Reports the run if it is ready, and returns the first goal.
  mutating func open() -> PlayerMove<Job>?
  mutating func advance(_ cancellation: Cancellation) throws(PrefillError) -> StepRecord?
  /// Reports what the lens shows of the steps so far. Called after each step was reported, and when
  /// the run rests.
  mutating func examine(isResting: Bool, _ cancellation: Cancellation)
  /// Reports the answer with its next token.
  /// - Returns: delay before the following token; nil after the last one.
  mutating func decode() throws(PrefillError) -> Duration?
  /// Removes the answer, or else the last step.
  /// - Returns: false if there is neither.
  mutating func back() -> Bool
  mutating func rewind(toSteps steps: Int)
  /// Executes a command that does not control playback.
  mutating func perform(_ command: SessionCommand) -> PlayerMove<Job>?
  mutating func receive(_ message: Message) -> PlayerMove<Job>?
  /// Executes one unit of work of a job.
  /// - Returns: whether the job is finished.
  mutating func work(on job: Job, _ cancellation: Cancellation) throws(PrefillError) -> Bool
  /// Stops following a growing trace.
  mutating func stopFollowing()
  /// Called when playback stops; at the end of a growing trace, the source follows it again.
  mutating func stopped()
  /// Called when there is no further step: follows the trace if it can grow.
  mutating func waitForMore()
  /// Discards jobs that have started.
  mutating func cancelJobs()
}

/// Work of a source other than the prefill.
public protocol RunJob: Equatable, Sendable {
  /// Whether the job continues after a plan change.
  var survivesNewPlan: Bool { get }
}

/// The next goal of a player after a command or a message.
public enum PlayerMove<Job: RunJob>: Equatable {
  /// Play until this many steps are finished.
  case steps(Int)
  /// Return to the state before a plan change, unless other work is running.
  case resume(toSteps: Int, answer: Bool)
  /// Return to the state before the clip was reopened, even if other work is running. A run that was
  /// on its way to the answer continues to the answer.
  case reopen(toSteps: Int, answer: Bool)
  /// Play another clip until this many steps are finished, or to the answer.
  case begin(toSteps: Int, answer: Bool)
  case job(Job)
  case stop
}

/// Forwards events of a run and stores its last activity. Used by one thread only.
public final class EventSink {
  private(set) var activity = SessionActivity.idle
  /// Progress of the current job.
  private var meter: ProgressMeter?
  let onEvent: @Sendable (SessionEvent) -> Void

  public init(_ onEvent: @escaping @Sendable (SessionEvent) -> Void) { self.onEvent = onEvent }

  public func send(_ event: SessionEvent) {
    if case .activity(let now) = event { (activity, meter) = (now, nil) }
    onEvent(event)
  }

  /// Reports an activity, unless it is equal to the last one.
  public func report(_ now: SessionActivity) {
    if now != activity { send(.activity(now)) }
  }

  /// Sends progress as an event, from any thread.
  var onProgress: @Sendable (WorkProgress) -> Void {
    { [onEvent] in onEvent(.progress($0)) }
  }

  /// Reports the progress of a job. The time runs from the first call for the job.
  public func progress(_ work: WorkProgress.Work, done: Int, of total: Int) {
    if let meter, meter.work == work, meter.total == total { return meter.set(done) }
    meter = ProgressMeter(work, total: total, done: done, report: onProgress)
  }

  public func fail(_ error: any Error) { send(.failed(.error(error))) }
  public func warn(_ error: any Error) { send(.warned(.error(error))) }
  public func log(_ error: any Error) { send(.logged(.error(error))) }

  /// Reads a results file and reports its summary.
  public func readSweep(_ path: String) {
    do throws(SweepFileError) {
      send(.study(try .summary(ofFile: path)))
    } catch {
      fail(error)
    }
  }

  /// Reads results and reports their flips.
  func readFlips(_ path: String, _ other: String?, questions: [String]) {
    do {
      send(.study(.flips(try FlipList(path, other, known: questions))))
    } catch {
      fail(error)
    }
  }

  /// Reads a file of questions and reports them.
  func readQuestions(_ path: String) {
    do throws(EvaluationError) {
      send(.study(.questions(try PlacedQuestions(path))))
    } catch {
      fail(error)
    }
  }
}
