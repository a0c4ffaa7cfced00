import OmniModel
import Runs
import Selection

/// Plays a run, live or recorded: executes commands, and works towards a goal one step at a time.
/// It checks for new commands before every step.
public struct Player<Source: RunSource> {
  private enum Goal: Equatable {
    case steps(Int)
    case nextDrop
    case removal
    case answer
    case job(Source.Job)
  }

  private var source: Source
  private var goal: Goal?
  /// Whether the run is repeating steps after a change, up to its former step; delay and
  /// breakpoints do not apply.
  private var isCatchingUp = false
  /// Whether a recorded step is being shown for its recorded duration.
  private var isInStep = false
  private var isSettleWanted = false
  private var pace = PlaybackPace()
  private let controls: PlayerControls<Source.Message>
  private let events: EventSink

  public init(_ source: Source, _ controls: PlayerControls<Source.Message>, _ events: EventSink) {
    self.source = source
    self.controls = controls
    self.events = events
  }

  /// Handles commands and executes steps until the session closes.
  public mutating func serve() {
    open()
    while turn(controls.inbox.next(pace.waitPolicy(isWorking: isWorking))) {}
  }

  /// Reports that the run is open, if it is ready.
  public mutating func open() { follow(source.open()) }

  /// Whether there is a goal to work towards.
  public var isWorking: Bool { goal != nil }

  /// Handles a message; without one, executes one unit of work towards the goal.
  /// - Returns: false when the session closes.
  public mutating func turn(_ message: PlayerInbox<Source.Message>.Message?) -> Bool {
    switch message {
    case .perform(let command): perform(command)
    case .source(let message): follow(source.receive(message))
    case .halt: halt()
    case .close: return false
    case nil: work()
    }
    if goal == nil, source.isOpen, !source.isFollowing {
      if !controls.cancellation.isRequested {
        source.examine(isResting: true, controls.cancellation)
      }
      events.report(.idle)
    }
    settle()
    return true
  }

  private mutating func settle() {
    guard isSettleWanted, source.isOpen, goal == nil else { return }
    isSettleWanted = false
    events.send(.settled)
  }

  private mutating func halt() {
    controls.cancellation.clear()
    if isInStep { events.send(.logged("cancelled")) }
    source.cancelJobs()
    source.stopFollowing()
    (goal, isInStep) = (nil, false)
    pace.resume()
  }

  private mutating func follow(_ move: PlayerMove<Source.Job>?) {
    switch move {
    case nil: break
    case .steps(let count): goal = .steps(count)
    case .job(let job): goal = .job(job)
    case .resume(let steps, let answer):
      guard goal == nil else { return }
      (goal, isCatchingUp) = (answer ? .answer : .steps(steps), true)
    case .reopen(let steps, let answer):
      (goal, isCatchingUp) = (answer || goal == .answer ? .answer : .steps(steps), true)
    case .begin(let steps, let answer):
      (goal, isCatchingUp) = (answer ? .answer : .steps(steps), true)
    case .stop:
      (goal, isInStep) = (nil, false)
      pace.resume()
    }
  }
}

// MARK: - Commands

extension Player {
  private mutating func perform(_ command: SessionCommand) {
    if command == .settle { isSettleWanted = true }
    guard source.isOpen else { return }
    switch command {
    case .settle: break
    case .advance: advance()
    case .back: back()
    case .run: watch(.answer)
    case .runToNextDrop: watch(.nextDrop)
    case .runToRemoval: watch(.removal)
    case .restart: restart()
    case .pace(let delay): change(pace: delay)
    case .setBreakpoints(let breakpoints): pace.breakpoints = breakpoints
    case .readSweep(let path): events.readSweep(path)
    case .readFlips(let path, let other, let questions):
      events.readFlips(path, other, questions: questions)
    case .readQuestions(let path): events.readQuestions(path)
    case .configure:
      if case .job(let job) = goal, !job.survivesNewPlan { goal = nil }
      follow(source.perform(command))
    default: follow(source.perform(command))
    }
  }

  /// Extends the goal by one step, unless the goal is already further.
  private mutating func advance() {
    guard canContinue() else { return }
    switch goal {
    case nil: goal = source.nextStep == nil ? .answer : .steps(source.stepCount + 1)
    case .steps(let count): goal = .steps(count + 1)
    case .nextDrop, .removal, .answer, .job: break
    }
  }

  /// Sets a goal that is reached with step delay and breakpoints.
  private mutating func watch(_ goal: Goal) {
    guard canContinue() else { return }
    (self.goal, isCatchingUp) = (goal, false)
  }

  private mutating func canContinue() -> Bool {
    guard source.nextStep != nil || source.hasMoreAnswer else {
      source.waitForMore()
      return false
    }
    leave()
    return true
  }

  private mutating func restart() {
    leave()
    goal = .steps(2)
    rewind(toSteps: min(1, source.stepCount))
  }

  private mutating func back() {
    leave()
    goal = nil
    if source.back() { events.send(.rewound(steps: source.stepCount)) }
  }

  private mutating func rewind(toSteps steps: Int) {
    source.rewind(toSteps: steps)
    events.send(.rewound(steps: source.stepCount))
  }

  private mutating func change(pace delay: Duration) {
    pace.delay = delay
    if !isInStep { pace.resume() }
  }

  /// Stops following a growing trace.
  private mutating func leave() {
    source.stopFollowing()
    isInStep = false
    pace.resume()
  }
}

// MARK: - Work

extension Player {
  /// Executes one unit of work towards the goal.
  private mutating func work() {
    pace.resume()
    do throws(PrefillError) {
      if isInStep { return try endStep() }
      switch goal {
      case nil: break
      case .job where source.stepCount == 0: try beginStep()
      case .job(let job): if try source.work(on: job, controls.cancellation) { goal = nil }
      case .steps(let count) where source.stepCount >= count: stop()
      case .answer where source.nextStep == nil: try decode()
      default: try beginStep()
      }
    } catch {
      goal = nil
      source.cancelJobs()
      if error == .cancelled { events.send(.logged("cancelled")) } else { events.fail(error) }
    }
  }

  private mutating func beginStep() throws(PrefillError) {
    guard let step = source.nextStep else { return stop() }
    events.report(.running)
    events.send(.began(step))
    guard let duration = source.recordedDuration else { return try endStep() }
    isInStep = true
    if isWatched { pace.wait(duration) }
  }

  private mutating func endStep() throws(PrefillError) {
    isInStep = false
    guard let record = try source.advance(controls.cancellation) else { return stop() }
    events.send(.advanced(record))
    source.examine(isResting: false, controls.cancellation)
    if hasReached(record) { return stop() }
    guard isWatched else { return }
    let reached = pace.pause(after: record, before: source.nextStep, whole: source.promptCounts)
    if let reached {
      events.send(.paused(at: reached))
      stop()
    }
  }

  private mutating func decode() throws(PrefillError) {
    guard source.hasMoreAnswer else { return stop() }
    events.report(.decoding)
    guard let delay = try source.decode() else { return stop() }
    if delay > .zero { pace.wait(delay) }
  }

  private mutating func stop() {
    goal = nil
    source.stopped()
    events.report(.idle)
  }

  /// Whether step delay and breakpoints apply.
  private var isWatched: Bool {
    switch goal {
    case .answer: !isCatchingUp
    case .nextDrop, .removal: true
    case .steps, .job, nil: false
    }
  }

  private func hasReached(_ record: StepRecord) -> Bool {
    switch goal {
    case .steps(let count): source.stepCount >= count
    case .nextDrop: record.drop != nil || record.step == .head
    case .removal: record.drop?.kind == .remove || record.step == .head
    case .answer, .job, nil: false
    }
  }
}
