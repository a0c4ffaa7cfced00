import Foundation
import OmniModel
import Runs
import Selection
import Sessions

/// A recorded run, played at its recorded speed. Events of a followed trace are shown immediately
/// until the user steps back.
struct TracePlayback: RunSource {
  enum Message: Sendable {
    enum End: Sendable {
      case endOfFile
      case writerGone
    }

    case lines([Data])
    case end(End)
    /// Another trace has replaced the one that was read.
    case replaced
  }

  /// A recording has no jobs.
  struct Job: RunJob {
    let survivesNewPlan = true
  }

  private let file: String
  private let follows: Bool
  private let events: EventSink
  private let room: ReadAhead

  private var reader = TraceReader()
  private var history = RunHistory()
  /// The newest messages of the trace, shown when the run is opened.
  private var notes: [SessionEvent] = []
  /// Number of steps, and of intermediate answers, that are shown.
  private var steps = 0
  private var answers = 0
  /// The intermediate answer shown last, with its index.
  private var shownAnswer: (index: Int, record: AnswerRecord)?
  private(set) var isFollowing: Bool
  private(set) var isOpen = false
  /// Whether the trace cannot be shown.
  private var hasFailed = false
  private var areRepeatsShown = false
  /// The lens as far as it is shown.
  private var shownLens = LensHistory()

  init(_ file: String, follows: Bool, _ room: ReadAhead, _ events: EventSink) {
    (self.file, self.follows, self.room, self.events) = (file, follows, room, events)
    isFollowing = follows
  }

  var stepCount: Int { steps }
  var nextStep: PrefillStep? { next?.step }
  var hasMoreAnswer: Bool { answers < history.answers.count }
  var promptCounts: ModalityCounts { history.subject?.prompt.counts ?? ModalityCounts() }
  var recordedDuration: Duration? { next.map { Self.duration($0.totalMilliseconds) } }

  private var next: StepRecord? {
    steps < history.records.count ? history.records[steps] : nil
  }

  /// The duration of a step, at most an hour.
  private static func duration(_ milliseconds: Double) -> Duration {
    .milliseconds(min(milliseconds, 3.6e6))
  }

  /// Does nothing: a trace is opened when its `run` line or its end is read.
  func open() -> PlayerMove<Job>? { nil }

  mutating func advance(_ cancellation: Cancellation) -> StepRecord? {
    guard let record = next else { return nil }
    steps += 1
    return record
  }

  mutating func examine(isResting: Bool, _ cancellation: Cancellation) {
    if !isFollowing { showLens(ofSteps: steps) }
  }

  /// Shows the recorded lens of the first steps, as far as it is not shown.
  private mutating func showLens(ofSteps steps: Int) {
    guard let subject = history.subject, let choice = history.lens.choice else { return }
    let records = history.lens.records(ofSteps: steps, layers: subject.model.decoder.layers)
    let new = records.filter { shownLens[$0.layer] != $0 }
    guard !new.isEmpty else { return }
    let update = LensUpdate(choice: choice, notes: history.lens.notes, records: new)
    shownLens.apply(update)
    events.send(.lens(update))
  }

  mutating func decode() -> Duration? {
    let answer =
      if let before = shownAnswer, before.index == answers - 1 {
        history.answers.record(at: answers, after: before.record)
      } else {
        history.answers[answers]
      }
    shownAnswer = (answers, answer)
    answers += 1
    events.send(.answered(answer))
    guard hasMoreAnswer else { return nil }
    return Self.duration(history.answers.millisecondsPerToken(at: answers) ?? 0)
  }

  mutating func back() -> Bool {
    guard steps > 0 else { return false }
    rewind(toSteps: steps - 1)
    return true
  }

  mutating func rewind(toSteps steps: Int) {
    (self.steps, answers) = (steps, 0)
    shownLens.rewind(toSteps: steps, layers: history.subject?.model.decoder.layers ?? 0)
  }

  mutating func stopFollowing() { isFollowing = false }

  /// Follows the trace again, if the replay has reached the end of a growing trace.
  mutating func stopped() {
    if follows, nextStep == nil, !hasMoreAnswer { isFollowing = true }
  }

  mutating func waitForMore() {
    if follows, !reader.isEnded { isFollowing = true } else { events.fail(ReplayError.noMoreSteps) }
  }

  func cancelJobs() {}
  func work(on job: Job, _ cancellation: Cancellation) -> Bool { true }
}

// MARK: - Lines of the trace

extension TracePlayback {
  mutating func receive(_ message: Message) -> PlayerMove<Job>? {
    switch message {
    case .lines(let lines):
      defer { room.release() }
      return lines.reduce(nil) { take($1) ?? $0 }
    case .end(let end): return finish(end)
    case .replaced:
      reader = TraceReader()
      return startOver()
    }
  }

  private mutating func take(_ line: Data) -> PlayerMove<Job>? {
    var move: PlayerMove<Job>?
    do throws(TraceFault) {
      let headers = reader.headerCount
      let traced = try reader.read(line)
      if headers > 0, reader.headerCount > headers { move = startOver() }
      for traced in traced { move = take(traced.event) ?? move }
    } catch {
      let fault = ReplayError.line(file: file, error)
      switch error.problem {
      // An error in the header ends the replay.
      case .notATrace, .otherSchema: fail(fault)
      default: events.warn(fault)
      }
    }
    return move
  }

  /// Clears the state before another trace is read.
  private mutating func startOver() -> PlayerMove<Job>? {
    if follows { events.warn(ReplayError.restarted(file: file)) }
    (history, notes, isOpen, hasFailed) = (RunHistory(), [], false, false)
    (steps, answers, isFollowing, areRepeatsShown) = (0, 0, follows, false)
    shownLens = LensHistory()
    return .stop
  }

  private mutating func fail(_ error: ReplayError) {
    guard !hasFailed else { return }
    hasFailed = true
    events.fail(error)
  }

  private mutating func take(_ event: SessionEvent) -> PlayerMove<Job>? {
    guard !hasFailed else { return nil }
    var move: PlayerMove<Job>?
    if follows, !isFollowing, Self.replacesSteps(event) { move = catchUp() }
    let known = history.answers.count
    history.apply(event)
    note(event)
    // If the trace replaced intermediate answers, the shown one cannot be continued.
    if history.answers.count <= known { shownAnswer = nil }
    guard follows, isFollowing else { return move }
    if case .opened = event { isOpen = true }
    if case .repeated = event { areRepeatsShown = true }
    (steps, answers) = (history.records.count, history.answers.count)
    shownLens = history.lens
    events.send(event)
    return .stop
  }

  private mutating func note(_ event: SessionEvent) {
    switch event {
    case .opened: notes = []
    case .failed(let message): notes.append(.warned(message))
    case .peakMemory, .peak, .warned, .logged: notes.append(event)
    default: return
    }
    if notes.count > TraceLimits.remarks { notes.removeFirst() }
  }

  /// Whether an event replaces steps that are already shown.
  private static func replacesSteps(_ event: SessionEvent) -> Bool {
    switch event {
    case .opened, .planned, .rewound: true
    default: false
    }
  }

  /// Shows all recorded steps, and then follows new lines.
  private mutating func catchUp() -> PlayerMove<Job> {
    for record in history.records.dropFirst(steps) { events.send(.advanced(record)) }
    showLens(ofSteps: history.records.count)
    if hasMoreAnswer, let last = history.answers.last { events.send(.answered(last)) }
    isFollowing = true
    return .stop
  }

  private mutating func finish(_ end: Message.End) -> PlayerMove<Job>? {
    guard !hasFailed else { return nil }
    if !reader.unknownEvents.isEmpty {
      events.warn(ReplayError.unknownEvents(reader.unknownEvents.sorted()))
    }
    guard let subject = history.subject else {
      fail(.nothingRecorded(file: file))
      return nil
    }
    guard !follows else {
      if end == .writerGone { writerGone() }
      return nil
    }
    show(subject)
    if !reader.isEnded {
      events.warn(ReplayError.truncated(file: file, lines: reader.lineCount))
    }
    return .steps(2)
  }

  private func writerGone() {
    if reader.isEnded {
      events.log(ReplayError.complete(lines: reader.lineCount))
    } else {
      events.warn(ReplayError.writerGone(file: file, lines: reader.lineCount))
    }
    if isFollowing { events.report(.idle) }
  }

  /// Shows a loaded trace, paused before layer 1.
  private mutating func show(_ subject: RunSubject) {
    events.send(.opened(subject, settings: history.settings, plan: history.plan))
    isOpen = true
    for note in notes { events.send(note) }
    if history.planCount > 1 { events.warn(ReplayError.earlierPlans(history.planCount - 1)) }
  }
}

// MARK: - Commands

extension TracePlayback {
  mutating func perform(_ command: SessionCommand) -> PlayerMove<Job>? {
    switch command {
    case .runFull:
      if let full = history.fullRun {
        events.send(.fullRun(full))
      } else {
        events.fail(ReplayError.noFullRun)
      }
    case .repeatRuns: showRepeats()
    // The peak of this machine is not that of the machine that recorded the trace.
    case .measurePeak: break
    default: events.fail(ReplayError.notInReplay)
    }
    return nil
  }

  /// Reports the recorded repetitions, once.
  private mutating func showRepeats() {
    guard !history.repeats.isEmpty else { return events.fail(ReplayError.noRepeats) }
    guard !areRepeatsShown else { return }
    areRepeatsShown = true
    if let full = history.fullRun { events.send(.fullRun(full)) }
    for record in history.repeats { events.send(.repeated(record)) }
  }
}
