import Media
import OmniModel
import Selection

/// The engine's loop: takes a command, works towards its goal a step at a time, and looks for the
/// next command in between.
struct SessionEngine {
  /// What the engine works towards.
  private enum Goal: Equatable {
    case steps(Int)
    case nextDrop
    case removal
    case answer
    case fullRun
    case analysis
    case sweep
    case repeats
  }

  private var run: ProfiledRun
  private var full: ProfiledRun?
  private var fullRecord: FullRunRecord?
  /// First logits of full tokens.
  private var fullLogits: [Float] = []
  private var study: Study?
  private var repeats = RepeatedRuns()
  /// Times that still count: of the present plan, and of full tokens.
  private var repeated: [RepeatRecord] = []
  private var peak: MachinePeak?
  private var goal: Goal?
  private var activity = SessionActivity.idle
  /// Concerns runs that somebody watches, not steps asked for one by one and not the way back to
  /// where an edited run stood.
  private var watching = Watching()
  private var isCatchingUp = false
  private var isSettleWanted = false
  private let inbox: CommandInbox
  private let cancellation: Cancellation
  private let describe: @Sendable (any Error) -> String
  private let onEvent: @Sendable (SessionEvent) -> Void

  init(
    _ run: ProfiledRun, _ controls: EngineControls,
    describe: @escaping @Sendable (any Error) -> String,
    onEvent: @escaping @Sendable (SessionEvent) -> Void
  ) {
    self.run = run
    (inbox, cancellation) = (controls.inbox, controls.cancellation)
    self.describe = describe
    self.onEvent = onEvent
  }

  /// Until the session closes.
  mutating func serve() {
    open()
    while turn(inbox.next(watching.patience(isWorking: goal != nil))) {}
  }

  /// Reports what is open, and sets out for layer 1.
  mutating func open() {
    onEvent(.opened(run.opened.subject, settings: run.settings, plan: run.plan))
    goal = .steps(2)
  }

  /// Does what a message asks; without one, a piece of work towards the goal.
  /// - Returns: false once the session closes.
  mutating func turn(_ message: CommandInbox.Message?) -> Bool {
    switch message {
    case .perform(let command): perform(command)
    case .halt: halt()
    case .close: return false
    case nil: work()
    }
    report(activityNow)
    settle()
    return true
  }

  private mutating func settle() {
    guard isSettleWanted, goal == nil else { return }
    isSettleWanted = false
    onEvent(.settled)
  }

  private mutating func halt() {
    cancellation.clear()
    goal = nil
    full = nil
    repeats = RepeatedRuns()
    watching.goOn()
  }

  private mutating func perform(_ command: SessionCommand) {
    switch command {
    case .advance: advance()
    case .back: back()
    case .run: watch(.answer)
    case .runToNextDrop: watch(.nextDrop)
    case .runToRemoval: watch(.removal)
    case .restart:
      goal = .steps(2)
      rewind(toSteps: 1)
    case .pace(let delay):
      watching.pace = delay
      watching.goOn()
    case .setBreakpoints(let wanted): watching.breakpoints = wanted
    case .configure(let settings, let resume): configure(settings, resume: resume)
    case .prepare(let settings): prepare(settings)
    case .runFull: startFullRun()
    case .analyze: goal = .analysis
    case .sweep(let points): startSweep(points)
    case .readSweep(let path): readSweep(path)
    case .repeatRuns(let count):
      repeats = RepeatedRuns(count: count)
      goal = .repeats
    case .measurePeak: measurePeak()
    case .saveReport(let path): save(path)
    case .settle: isSettleWanted = true
    }
  }

  /// Runs on under the user's eyes: paced, and up to a breakpoint.
  private mutating func watch(_ goal: Goal) {
    self.goal = goal
    isCatchingUp = false
  }

  /// One step more than is asked for already; a run that goes further anyway is left alone.
  private mutating func advance() {
    switch goal {
    case nil: goal = run.isPrefilled ? .answer : .steps(run.records.count + 1)
    case .steps(let count): goal = .steps(count + 1)
    case .nextDrop, .removal, .answer, .fullRun, .repeats, .analysis, .sweep: break
    }
  }

  private mutating func back() {
    goal = nil
    if run.back() { onEvent(.rewound(steps: run.records.count)) }
  }

  private mutating func rewind(toSteps steps: Int) {
    run.rewind(toSteps: steps)
    onEvent(.rewound(steps: run.records.count))
  }

  private mutating func configure(_ settings: SelectionSettings, resume: Bool) {
    if goal == .repeats { goal = nil }
    let stood = run.records.count
    let hadAnswer = run.answer != nil
    let before = run.plan
    let kept = run.configure(settings)
    if run.plan.firstDifference(from: before) != nil { repeated.forgetPlan() }
    onEvent(.planned(settings, run.plan, keptSteps: min(kept, stood)))
    for record in run.records.dropFirst(kept) { onEvent(.advanced(record)) }
    guard resume, goal == nil, run.records.count < stood || (hadAnswer && run.answer == nil) else {
      return
    }
    goal = hadAnswer ? .answer : .steps(stood)
    isCatchingUp = true
  }

  /// Reads the clip again; a clip that cannot be read so leaves the run as it is.
  private mutating func prepare(_ settings: InputSettings) {
    var request = run.request
    request.input.asked = settings
    let (stood, hadAnswer) = (run.records.count, run.answer != nil)
    onEvent(.loading("reading the clip"))
    do {
      let (old, wanted) = (run.opened, request)
      let opened = try blocking { try await OpenedRun(old, wanted) }
      run = ProfiledRun(
        opened, request, settings: run.settings,
        media: opened.prompt.hasSameMedia(as: old.prompt) ? run.prefill.encodedMedia : nil)
    } catch {
      onEvent(.failed(describe(error)))
      return
    }
    (full, fullRecord, fullLogits, study) = (nil, nil, [], nil)
    (repeats, repeated) = (RepeatedRuns(), [])
    onEvent(.opened(run.opened.subject, settings: run.settings, plan: run.plan))
    goal = hadAnswer ? .answer : .steps(max(2, stood))
    isCatchingUp = true
  }

  private mutating func startFullRun() {
    if let fullRecord {
      onEvent(.fullRun(fullRecord))
    } else {
      goal = .fullRun
    }
  }

  private func save(_ path: String) {
    do {
      try FileOutput.write(RunReport(run, full: fullRecord, repeats: repeated).json(), to: path)
      onEvent(.saved(path))
    } catch {
      onEvent(.failed(describe(error)))
    }
  }
}

extension SessionEngine {
  /// One piece of work towards the goal.
  private mutating func work() {
    watching.goOn()
    do throws(PrefillError) {
      switch goal {
      case nil: break
      case .fullRun: try workOnFullRun(then: nil)
      case .analysis, .sweep: try workOnStudy()
      case .repeats: try workOnRepeats()
      case .answer where run.isPrefilled: try decode()
      case .steps(let count) where run.records.count >= count: goal = nil
      default: try step()
      }
    } catch {
      goal = nil
      full = nil
      onEvent(error == .cancelled ? .logged("cancelled") : .failed(describe(error)))
    }
  }

  private mutating func step() throws(PrefillError) {
    guard let next = run.nextStep else {
      goal = nil
      return
    }
    report(.running)
    onEvent(.began(next))
    guard let record = try run.advance(cancellation) else { return }
    onEvent(.advanced(record))
    if hasReached(record) { goal = nil }
    if isWatched { pause(after: record) }
  }

  /// Somebody looks on while steps run.
  private var isWatched: Bool {
    switch goal {
    case .answer: !isCatchingUp
    case .nextDrop, .removal: true
    case .steps, .fullRun, .repeats, .analysis, .sweep, nil: false
    }
  }

  /// Stops at a breakpoint.
  private mutating func pause(after record: StepRecord) {
    let whole = run.opened.subject.prompt.counts
    guard let reached = watching.pause(after: record, before: run.nextStep, whole: whole) else {
      return
    }
    goal = nil
    onEvent(.paused(at: reached))
  }

  private func hasReached(_ record: StepRecord) -> Bool {
    switch goal {
    case .steps(let count): run.records.count >= count
    case .nextDrop: record.drop != nil || run.isPrefilled
    case .removal: record.drop?.kind == .remove || run.isPrefilled
    case .answer, .fullRun, .repeats, .analysis, .sweep, nil: false
    }
  }

  private mutating func decode() throws(PrefillError) {
    report(.decoding)
    if let answer = try run.decode() { onEvent(.answered(answer)) }
    if run.isAnswered {
      goal = nil
      reportDrift()
    }
  }

  private mutating func workOnFullRun(then next: Goal?) throws(PrefillError) {
    guard !run.records.isEmpty else { return try step() }
    report(.runningFull)
    var reference = full.take() ?? run.fullTokens()
    if try reference.advance(cancellation) == nil { _ = try reference.decode() }
    if let record = FullRunRecord(reference) {
      fullRecord = record
      fullLogits = reference.prefill.logits
      goal = next
      onEvent(.fullRun(record))
      reportDrift()
    } else {
      full = reference
    }
  }

  /// How far the run's answer is from that of full tokens, once both are known.
  private func reportDrift() {
    guard run.isAnswered, !fullLogits.isEmpty, !run.prefill.logits.isEmpty else { return }
    onEvent(.study(.drift(Divergence.nats(of: run.prefill.logits, from: fullLogits))))
  }

  private mutating func workOnStudy() throws(PrefillError) {
    guard !run.records.isEmpty else { return try step() }
    report(.studying)
    guard var study = study.take() ?? Study(run) else {
      goal = nil
      return
    }
    defer { self.study = study }
    if goal == .analysis {
      let event = try study.analyze(cancellation)
      if case .dependency = event { goal = nil }
      onEvent(.study(event))
    } else if let event = try study.sweep(cancellation) {
      onEvent(.study(event))
    } else {
      goal = nil
    }
  }

  private mutating func startSweep(_ points: [SweepPoint]) {
    guard !run.records.isEmpty, var study = study ?? Study(run) else { return }
    study.plan(points)
    self.study = study
    goal = .sweep
  }

  private func readSweep(_ path: String) {
    do throws(SweepFileError) {
      onEvent(.study(try .summary(ofFile: path)))
    } catch {
      onEvent(.failed(describe(error)))
    }
  }

  /// A step of a repetition; full tokens are run once for their answer first.
  private mutating func workOnRepeats() throws(PrefillError) {
    guard fullRecord != nil, !run.records.isEmpty else { return try workOnFullRun(then: .repeats) }
    report(.repeating)
    if let record = try repeats.advance(run, cancellation) {
      repeated.add(record)
      onEvent(.repeated(record))
    }
    if repeats.isDone { goal = nil }
  }

  private mutating func measurePeak() {
    let measured = peak ?? MachinePeak.measured(run.opened.thinker.precision)
    peak = measured
    onEvent(.peak(measured))
  }

  /// Something runs, or will run without another command.
  var isWorking: Bool { goal != nil }

  private var activityNow: SessionActivity { goal == nil ? .idle : activity }

  private mutating func report(_ now: SessionActivity) {
    guard now != activity else { return }
    activity = now
    onEvent(.activity(now))
  }
}
