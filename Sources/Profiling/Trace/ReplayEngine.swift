import Foundation
import OmniModel
import Selection

/// Shows a recording the way an engine shows a run: the same commands, the same events, at the pace
/// that was recorded. While a trace is followed, its events pass straight through, until somebody
/// goes back in it.
struct ReplayEngine {
  private enum Goal: Equatable {
    case steps(Int)
    case nextDrop
    case removal
    case answer
  }

  private let inbox: Mailbox<ReplayMessage>
  private let room: ReadAhead
  private let follows: Bool
  private let file: String
  private let describe: @Sendable (any Error) -> String
  private let onEvent: @Sendable (SessionEvent) -> Void

  private var reader = TraceReader()
  private var recording = Recording()
  /// Steps and answers of the recording that are shown.
  private var steps = 0
  private var answers = 0
  /// The answer shown last, of which the next is made.
  private var shownAnswer: (index: Int, record: AnswerRecord)?
  /// What the trace says is shown as it comes.
  private var isAtTip: Bool
  private var isShown = false
  private var isOver = false

  private var goal: Goal?
  private var activity = SessionActivity.idle
  /// Its waits are steps that run as well as pauses between them.
  private var watching = Watching()
  private var isInStep = false
  private var isSettleWanted = false
  private var areRepeatsShown = false

  init(
    _ inbox: Mailbox<ReplayMessage>, _ room: ReadAhead, file: String, follows: Bool,
    describe: @escaping @Sendable (any Error) -> String,
    onEvent: @escaping @Sendable (SessionEvent) -> Void
  ) {
    self.inbox = inbox
    self.room = room
    self.file = file
    self.follows = follows
    self.describe = describe
    self.onEvent = onEvent
    isAtTip = follows
  }

  /// Until the session closes.
  mutating func serve() {
    while true {
      switch inbox.next(watching.patience(isWorking: goal != nil)) {
      case .lines(let lines):
        for line in lines { take(line) }
        room.give()
      case .end(let end): finish(end)
      case .startedAnew:
        reader = TraceReader()
        startOver()
      case .perform(let command): perform(command)
      case .halt: halt()
      case .close: return
      case nil: work()
      }
      if isShown, !isAtTip { report(goal == nil ? .idle : activity) }
      settle()
    }
  }

  private mutating func settle() {
    guard isSettleWanted, isShown, goal == nil else { return }
    isSettleWanted = false
    onEvent(.settled)
  }

  private mutating func report(_ now: SessionActivity) {
    guard now != activity else { return }
    activity = now
    onEvent(.activity(now))
  }

  private func warn(_ error: ReplayError) { onEvent(.warned(describe(error))) }
}

// MARK: - What the trace says

extension ReplayEngine {
  private mutating func take(_ line: Data) {
    do throws(TraceFault) {
      let headers = reader.headerCount
      let events = try reader.read(line)
      if headers > 0, reader.headerCount > headers { startOver() }
      for traced in events { take(traced.event) }
    } catch {
      let fault = ReplayError.line(file: file, error)
      // Without a header or a run there is nothing to pass over to.
      if case .notATrace = error.problem { return fail(fault) }
      if case .otherSchema = error.problem { return fail(fault) }
      warn(fault)
    }
  }

  /// Another trace follows: nothing of the one so far belongs to it.
  private mutating func startOver() {
    if follows { warn(.startedAnew(file: file)) }
    (recording, isShown, isOver) = (Recording(), false, false)
    (steps, answers, goal, isInStep, isAtTip) = (0, 0, nil, false, follows)
    areRepeatsShown = false
  }

  private mutating func fail(_ error: ReplayError) {
    guard !isOver else { return }
    isOver = true
    onEvent(.failed(describe(error)))
  }

  private mutating func take(_ event: SessionEvent) {
    guard !isOver else { return }
    if follows, !isAtTip, Self.changesCourse(event) { catchUp() }
    let known = recording.answers.count
    recording.take(event)
    // Stages that were replaced are no beginning of what follows.
    if recording.answers.count <= known { shownAnswer = nil }
    guard follows, isAtTip else { return }
    if case .opened = event { isShown = true }
    (steps, answers, goal) = (recording.records.count, recording.answers.count, nil)
    if case .repeated = event { areRepeatsShown = true }
    if case .activity(let now) = event { activity = now }
    onEvent(event)
  }

  /// What was shown is no longer what happened.
  private static func changesCourse(_ event: SessionEvent) -> Bool {
    switch event {
    case .opened, .planned, .rewound: true
    default: false
    }
  }

  /// Shows all that is recorded, and follows from there.
  private mutating func catchUp() {
    for record in recording.records[min(steps, recording.records.count)...] {
      onEvent(.advanced(record))
    }
    if answers < recording.answers.count, let last = recording.answers.last {
      onEvent(.answered(last))
    }
    (goal, isInStep, isAtTip) = (nil, false, true)
    watching.goOn()
  }

  private mutating func finish(_ end: ReplayMessage.End) {
    guard !isOver else { return }
    if !reader.unknownEvents.isEmpty { warn(.unknownEvents(reader.unknownEvents.sorted())) }
    guard recording.subject != nil else {
      return fail(.nothingRecorded(file: file))
    }
    if follows {
      guard end == .writerGone else { return }
      if reader.isEnded {
        onEvent(.logged(describe(ReplayError.complete(lines: reader.lineCount))))
      } else {
        warn(.writerGone(file: file, lines: reader.lineCount))
      }
      if isAtTip { report(.idle) }
    } else {
      open()
      if !reader.isEnded { warn(.cutShort(file: file, lines: reader.lineCount)) }
    }
  }

  /// Shows a recording that has been read whole, before its first layer.
  private mutating func open() {
    guard let subject = recording.subject else { return }
    onEvent(.opened(subject, settings: recording.settings, plan: recording.plan))
    isShown = true
    for remark in recording.remarks { onEvent(remark) }
    if recording.planCount > 1 { warn(.earlierPlans(recording.planCount - 1)) }
    goal = .steps(2)
  }
}

// MARK: - What the user says

extension ReplayEngine {
  private mutating func perform(_ command: SessionCommand) {
    if command == .settle { isSettleWanted = true }
    guard isShown else { return }
    switch command {
    case .advance: advance()
    case .back: back()
    case .run: watch(.answer)
    case .runToNextDrop: watch(.nextDrop)
    case .runToRemoval: watch(.removal)
    case .restart:
      leaveTip()
      goal = .steps(2)
      rewind(to: min(1, steps))
    case .pace(let delay): watching.pace = delay
    case .setBreakpoints(let wanted): watching.breakpoints = wanted
    case .runFull:
      if let full = recording.fullRun { onEvent(.fullRun(full)) } else { refuse(.noFullRun) }
    case .repeatRuns: showRepeats()
    case .readSweep(let path): readSweep(path)
    // The machine that replays is not the one that was timed.
    case .measurePeak, .settle: break
    default: refuse(.notInReplay)
    }
  }

  /// The times that were recorded; they count once.
  private mutating func showRepeats() {
    guard !recording.repeats.isEmpty else { return refuse(.noRepeats) }
    guard !areRepeatsShown else { return }
    areRepeatsShown = true
    if let full = recording.fullRun { onEvent(.fullRun(full)) }
    for record in recording.repeats { onEvent(.repeated(record)) }
  }

  private func readSweep(_ path: String) {
    do throws(SweepFileError) {
      onEvent(.study(try .summary(ofFile: path)))
    } catch {
      onEvent(.failed(describe(error)))
    }
  }

  private func refuse(_ error: ReplayError) { onEvent(.failed(describe(error))) }

  private mutating func watch(_ goal: Goal) {
    guard canGoOn else { return waitForMore() }
    leaveTip()
    self.goal = goal
  }

  private mutating func advance() {
    guard canGoOn else { return waitForMore() }
    leaveTip()
    switch goal {
    case nil: goal = steps < recording.records.count ? .steps(steps + 1) : .answer
    case .steps(let count): goal = .steps(count + 1)
    default: break
    }
  }

  private mutating func waitForMore() {
    guard follows, !reader.isEnded else { return refuse(.noMoreSteps) }
    isAtTip = true
  }

  private var canGoOn: Bool {
    steps < recording.records.count || answers < recording.answers.count
  }

  private mutating func leaveTip() {
    isAtTip = false
    isInStep = false
    watching.goOn()
  }

  private mutating func back() {
    leaveTip()
    goal = nil
    guard steps > 0 else { return }
    rewind(to: steps - 1)
  }

  private mutating func rewind(to count: Int) {
    (steps, answers) = (count, 0)
    onEvent(.rewound(steps: count))
  }

  private mutating func halt() {
    if isInStep { onEvent(.logged("cancelled")) }
    leaveTip()
    goal = nil
  }
}

// MARK: - Playing

extension ReplayEngine {
  private mutating func work() {
    watching.goOn()
    if isInStep { return endStep() }
    if case .steps(let count) = goal, steps >= count { return stop() }
    if steps < recording.records.count {
      beginStep()
    } else if goal == .answer, answers < recording.answers.count {
      decode()
    } else {
      stop()
    }
  }

  /// Steps that are watched take the time they took.
  private var isWatched: Bool {
    if case .steps = goal { false } else { goal != nil }
  }

  private mutating func beginStep() {
    let record = recording.records[steps]
    report(.running)
    onEvent(.began(record.step))
    isInStep = true
    if isWatched { wait(record.totalMilliseconds) }
  }

  private mutating func endStep() {
    isInStep = false
    guard steps < recording.records.count else { return stop() }
    let record = recording.records[steps]
    steps += 1
    onEvent(.advanced(record))
    if hasReached(record) { return stop() }
    guard isWatched else { return }
    if let reached = breakpoint(after: record) {
      onEvent(.paused(at: reached))
      stop()
    }
  }

  private func hasReached(_ record: StepRecord) -> Bool {
    switch goal {
    case .steps(let count): steps >= count
    case .nextDrop: record.drop != nil || record.step == .head
    case .removal: record.drop?.kind == .remove || record.step == .head
    case .answer, nil: false
    }
  }

  private mutating func breakpoint(after record: StepRecord) -> Breakpoint? {
    guard let whole = recording.subject?.prompt.counts else { return nil }
    let next = steps < recording.records.count ? recording.records[steps].step : nil
    return watching.pause(after: record, before: next, whole: whole)
  }

  private mutating func decode() {
    report(.decoding)
    let answer =
      if let before = shownAnswer, before.index == answers - 1 {
        recording.answers.record(at: answers, after: before.record)
      } else {
        recording.answers[answers]
      }
    shownAnswer = (answers, answer)
    answers += 1
    onEvent(.answered(answer))
    if answers == recording.answers.count { return stop() }
    wait(recording.answers.millisecondsPerToken(at: answers) ?? 0)
  }

  private mutating func stop() {
    goal = nil
    // Whoever has caught up with a trace that is written follows it again.
    if follows, !canGoOn { isAtTip = true }
    report(.idle)
  }

  /// At most an hour, whatever was recorded.
  private mutating func wait(_ milliseconds: Double) {
    watching.wait(.milliseconds(min(milliseconds, 3.6e6)))
  }
}
