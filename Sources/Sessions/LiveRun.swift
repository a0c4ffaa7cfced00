import Basics
import Evaluations
import Media
import OmniModel
import Reports
import Runs
import Selection

/// A run that the engine of this process computes.
struct LiveRun: RunSource {
  /// A live run receives commands only.
  typealias Message = Void

  enum Job: RunJob {
    case fullRun, analysis, sweep, repeats
    case worth(WorthRequest)

    var survivesNewPlan: Bool { self != .repeats }
  }

  private var run: ProfiledRun
  private var full: ProfiledRun?
  private var fullRecord: FullRunRecord?
  /// Logits of the first answer token with full tokens, [vocabulary]; empty if unknown.
  private var fullLogits: [Float] = []
  private var study: Study?
  private var repeats = RepeatedRuns()
  /// Timed repetitions that are still valid: of the current plan and of full tokens.
  private var repeated: [RepeatRecord] = []
  private var peak: MachinePeak?
  /// Whether the lens failed; it is then not tried again.
  private var hasLensFailed = false
  /// Scores of tokens that are asked for and not computed yet.
  private var wantedScores: [TokenScoreRequest] = []
  private let events: EventSink

  init(_ run: ProfiledRun, _ events: EventSink) {
    (self.run, self.events) = (run, events)
  }

  let isOpen = true
  let isFollowing = false
  let recordedDuration: Duration? = nil
  var stepCount: Int { run.records.count }
  var nextStep: PrefillStep? { run.nextStep }
  var hasMoreAnswer: Bool { !run.isAnswered }
  var promptCounts: ModalityCounts { run.opened.subject.prompt.counts }

  /// Runs up to layer 1.
  func open() -> PlayerMove<Job>? {
    events.send(.opened(run.opened.subject, settings: run.settings, plan: run.plan))
    return .steps(2)
  }

  mutating func advance(_ cancellation: Cancellation) throws(PrefillError) -> StepRecord? {
    try run.advance(cancellation)
  }

  mutating func examine(isResting: Bool, _ cancellation: Cancellation) {
    examineLens(isResting: isResting, cancellation)
    if isResting { score(cancellation) }
  }

  /// Computes the scores that are asked for.
  private mutating func score(_ cancellation: Cancellation) {
    let wanted = wantedScores
    wantedScores = []
    for request in wanted {
      do throws(PrefillError) {
        if let found = try run.scores(request, cancellation) { events.send(.scored(found)) }
      } catch {
        events.send(.scored(TokenScores(request, positions: [], scores: [])))
        if error != .cancelled { events.warn(error) }
      }
    }
  }

  private mutating func examineLens(isResting: Bool, _ cancellation: Cancellation) {
    guard !hasLensFailed else { return }
    do throws(PrefillError) {
      if let update = try run.examine(isResting: isResting, cancellation) {
        events.send(.lens(update))
      }
    } catch {
      guard error != .cancelled else { return }
      hasLensFailed = true
      events.warn(error)
    }
  }

  mutating func decode() throws(PrefillError) -> Duration? {
    if let answer = try run.decode() { events.send(.answered(answer)) }
    guard run.isAnswered else { return .zero }
    reportDrift()
    return nil
  }

  mutating func back() -> Bool { run.back() }
  mutating func rewind(toSteps steps: Int) { run.rewind(toSteps: steps) }
  func receive(_ message: Void) -> PlayerMove<Job>? { nil }
  func stopFollowing() {}
  func stopped() {}
  func waitForMore() {}

  mutating func cancelJobs() {
    full = nil
    repeats = RepeatedRuns()
  }
}

// MARK: - Commands

extension LiveRun {
  mutating func perform(_ command: SessionCommand) -> PlayerMove<Job>? {
    switch command {
    case .configure(let planned, let resume): return configure(planned, resume: resume)
    case .prepare(let settings): return prepare(settings)
    case .ask(let asked): return ask(asked)
    case .open(let target): return open(target)
    case .runFull: return startFullRun()
    case .analyze: return .job(.analysis)
    case .weigh(let request): return .job(.worth(request))
    case .sweep(let points): return startSweep(points)
    case .repeatRuns(let count):
      repeats = RepeatedRuns(count: count)
      return .job(.repeats)
    case .measurePeak: measurePeak()
    case .score(let request): wantedScores.append(request)
    case .saveReport(let path): save(path)
    case .advance, .back, .run, .runToNextDrop, .runToRemoval, .restart, .pace, .setBreakpoints,
      .readSweep, .readFlips, .readQuestions, .replay, .findPaths, .settle:
      break
    }
    return nil
  }

  private mutating func configure(
    _ planned: PlannedSettings, resume: Bool
  ) -> PlayerMove<Job>? {
    let stood = run.records.count
    let hadAnswer = run.answer != nil
    let before = run.plan
    let kept = run.configure(planned)
    if run.plan.firstDifference(from: before) != nil { repeated.forgetPlan() }
    events.send(.planned(run.settings, run.plan, keptSteps: min(kept, stood)))
    for record in run.records.dropFirst(kept) { events.send(.advanced(record)) }
    guard resume, run.records.count < stood || (hadAnswer && run.answer == nil) else { return nil }
    return .resume(toSteps: stood, answer: hadAnswer)
  }

  /// Reloads the clip with new input settings; after an error the run is unchanged.
  private mutating func prepare(_ settings: InputSettings) -> PlayerMove<Job>? {
    var request = run.request
    request.input.asked = settings
    return reopen(request, "reading the clip") { [onProgress = events.onProgress] old, request in
      try blocking { try await OpenedRun(old, request, onProgress: onProgress) }
    }
  }

  /// Asks another question about the clip; after an error the run is unchanged.
  private mutating func ask(_ asked: AskedQuestion) -> PlayerMove<Job>? {
    var request = run.request
    request.asked = asked
    return reopen(request, nil) { old, request in
      guard old.prompt.hasOneQuestion else {
        throw RunTargetError.severalTexts(file: request.clip)
      }
      return try OpenedRun(old, asking: asked)
    }
  }

  /// Opens another clip, perhaps with another model; after an error the run is unchanged.
  private mutating func open(_ target: RunTarget) -> PlayerMove<Job>? {
    let request = target.request(from: run.request)
    let settings = target.settings
    let isSameModel = request.model == run.request.model
    let move = reopen(
      request, isSameModel ? "reading the clip" : "reading the checkpoint",
      settings: isSameModel ? settings ?? run.settings : settings,
      { [onEvent = events.onEvent, onProgress = events.onProgress] old, request in
        try blocking {
          guard !isSameModel else {
            return try await OpenedRun(old, request, onProgress: onProgress)
          }
          return try await OpenedRun(
            request, onProgress: { onEvent(.loading($0)) },
            onEvent: { Session.report($0, to: onEvent) })
        }
      })
    return move == nil ? nil : .begin(toSteps: 2, answer: target.runsToAnswer)
  }

  /// Replaces the run by one of another request.
  /// - Parameters:
  ///   - words: what takes time, for the screen; nil if nothing does.
  ///   - settings: settings of the new run; nil for those of the request.
  ///   - make: reads the new clip or question.
  private mutating func reopen(
    _ request: RunRequest, _ words: String?, settings: SelectionSettings?,
    _ make: (OpenedRun, RunRequest) throws -> OpenedRun
  ) -> PlayerMove<Job>? {
    let (stood, hadAnswer) = (run.records.count, run.answer != nil)
    if let words { events.send(.loading(words)) }
    do {
      let opened = try make(run.opened, request)
      run = ProfiledRun(
        opened, request,
        settings: settings ?? request.options.settings(for: opened.thinker),
        media: run.encodedMedia)
    } catch {
      events.fail(error)
      return nil
    }
    (full, fullRecord, fullLogits, study) = (nil, nil, [], nil)
    (repeats, repeated) = (RepeatedRuns(), [])
    wantedScores = []
    events.send(.opened(run.opened.subject, settings: run.settings, plan: run.plan))
    return .reopen(toSteps: max(2, stood), answer: hadAnswer)
  }

  private mutating func reopen(
    _ request: RunRequest, _ words: String?, _ make: (OpenedRun, RunRequest) throws -> OpenedRun
  ) -> PlayerMove<Job>? {
    reopen(request, words, settings: run.settings, make)
  }

  private func startFullRun() -> PlayerMove<Job>? {
    guard let fullRecord else { return .job(.fullRun) }
    events.send(.fullRun(fullRecord))
    return nil
  }

  private mutating func startSweep(_ points: [SweepPoint]) -> PlayerMove<Job>? {
    guard !run.records.isEmpty, var study = study ?? Study(run) else { return nil }
    study.plan(points)
    self.study = study
    return .job(.sweep)
  }

  private mutating func measurePeak() {
    let measured = peak ?? MachinePeak.measured(run.opened.thinker.precision)
    peak = measured
    events.send(.peak(measured))
  }

  private func save(_ path: String) {
    do {
      try FileOutput.write(RunReport(run, full: fullRecord, repeats: repeated).json(), to: path)
      events.send(.saved(path))
    } catch {
      events.fail(error)
    }
  }
}

// MARK: - Jobs

extension LiveRun {
  mutating func work(
    on job: Job, _ cancellation: Cancellation
  ) throws(PrefillError) -> Bool {
    switch job {
    case .fullRun: try runFull(cancellation)
    case .analysis: try analyze(cancellation)
    case .worth(let request): try weigh(request, cancellation)
    case .sweep: try sweep(cancellation)
    case .repeats: try repeatRuns(cancellation)
    }
  }

  /// Executes one step of the full-token run.
  private mutating func runFull(_ cancellation: Cancellation) throws(PrefillError) -> Bool {
    events.report(.runningFull)
    var reference = full.take() ?? run.fullTokens()
    if try reference.advance(cancellation) == nil { _ = try reference.decode() }
    if reference.isPrefilled, !hasLensFailed {
      _ = try reference.examine(isResting: true, cancellation)
    }
    guard let record = FullRunRecord(reference) else {
      full = reference
      events.progress(
        .fullTokens, done: reference.records.layers.count,
        of: reference.opened.subject.model.decoder.layers)
      return false
    }
    (fullRecord, fullLogits) = (record, reference.logits)
    events.send(.fullRun(record))
    reportDrift()
    return true
  }

  /// Reports the KL divergence from full tokens when both first-token distributions are known.
  private func reportDrift() {
    guard run.isAnswered, !fullLogits.isEmpty, !run.logits.isEmpty else { return }
    events.send(.study(.drift(Divergence.nats(of: run.logits, from: fullLogits))))
  }

  private mutating func analyze(_ cancellation: Cancellation) throws(PrefillError) -> Bool {
    events.report(.studying)
    guard var study = study.take() ?? Study(run) else { return true }
    defer { self.study = study }
    if let (done, total) = study.analysisProgress {
      events.progress(.dependency, done: done, of: total)
    }
    let event = try study.analyze(cancellation)
    events.send(.study(event))
    if case .dependency = event { return true }
    return false
  }

  private mutating func weigh(
    _ request: WorthRequest, _ cancellation: Cancellation
  ) throws(PrefillError) -> Bool {
    events.report(.studying)
    guard var study = study.take() ?? Study(run) else { return true }
    defer { self.study = study }
    let event = try study.weigh(request, cancellation)
    events.send(.study(event))
    guard case .worth(let result) = event else { return true }
    let done = result.windows.count { $0.effect != nil }
    events.progress(.worth, done: done, of: result.windows.count)
    return result.isComplete
  }

  private mutating func sweep(_ cancellation: Cancellation) throws(PrefillError) -> Bool {
    events.report(.studying)
    guard var study = study.take() ?? Study(run) else { return true }
    defer { self.study = study }
    let (done, total) = study.sweepProgress
    events.progress(.sweep, done: done, of: total)
    guard let event = try study.sweep(cancellation) else { return true }
    events.send(.study(event))
    return false
  }

  /// Executes one step of a timed repetition. Full tokens run once before the first repetition.
  private mutating func repeatRuns(_ cancellation: Cancellation) throws(PrefillError) -> Bool {
    guard fullRecord != nil else {
      _ = try runFull(cancellation)
      return false
    }
    events.report(.repeating)
    events.progress(.repeats, done: repeats.total - repeats.remaining, of: repeats.total)
    if let record = try repeats.advance(run, cancellation) {
      repeated.add(record)
      events.send(.repeated(record))
    }
    return repeats.isDone
  }
}
