import Basics
import Reports
import Runs
import Selection
import Sessions

/// State of the run: what the engine has reported and what the user has requested.
struct RunState: Sendable, Equatable {
  /// The step that is running, and its start time.
  struct Running: Sendable, Equatable {
    let step: PrefillStep
    let since: Duration
  }

  /// The run as reported by the engine.
  var history = RunHistory()
  /// Sources of the prompt's tokens, with thumbnails and audio levels.
  private(set) var places: TokenSources?
  private(set) var frameImages: [FrameImages] = []
  var loading: String? = "starting"
  /// Progress of loading, encoders or a job; nil if it is short or finished.
  var progress: WorkProgress?
  /// Settings requested by the user; the engine may not have applied them yet.
  var settings = SelectionSettings(dropLayers: [], lateLayer: nil)
  /// Settings with which the run was opened, restored by the key `=`.
  var openedSettings: SelectionSettings?
  var plan = SelectionPlan.full
  var forecast: PlanCostEstimate?

  /// Index of the first record that belongs to an earlier plan, until the engine reports the new
  /// plan; nil if there is none.
  var staleFrom: Int?
  /// Contradictions in step records, by ledger row.
  var faults: [Int: RecordFault] = [:]
  var running: Running?
  var activity = SessionActivity.idle
  /// Whether the engine executes single steps.
  var isStepping = false
  /// Delay after each step.
  var pace = Duration.zero
  /// Breakpoints, in the order in which they were set.
  var breakpoints: [Breakpoint] = []
  /// The breakpoint at which the run is paused; nil if there is none.
  var pausedAt: Breakpoint?
  /// Start time of the current activity, and number of layers that were finished then.
  var activeSince: Duration = .zero
  var layersAtStart = 0
  /// Results of measurements: dependency curve and sweep.
  var study = StudyState()
  /// Peak rate of the machine; nil until it is measured.
  var peak: MachinePeak?
  var isPeakWanted = false
  /// The scores of tokens that were asked for last, until their layer is undone.
  var wantedScores: TokenScoreRequest?
  /// Whether full tokens run once this question is answered, and once the next one is.
  var isFullWanted = false
  var isFullWantedNext = false
  /// Peak memory of the process in bytes; nil if unknown.
  var peakMemoryBytes: Int?
  /// Lines of the log, oldest first.
  var log: [LogLine] = []

  var subject: RunSubject? { history.subject }
  /// Settings that the engine has applied; nil before a run is open.
  var engineSettings: SelectionSettings? { subject == nil ? nil : history.settings }
  var ledger: Ledger { Ledger(history.records, staleFrom: staleFrom) }
  var answer: AnswerRecord? { history.answer }
  var fullRun: FullRunRecord? { history.fullRun }
  /// Timed repetitions, with the current plan and with full tokens.
  var repeats: [RepeatRecord] { history.repeats }

  /// Updates the state with an event of the session.
  mutating func apply(_ event: SessionEvent) {
    history.apply(event)
    // Scores that were undone are asked for again.
    if let wanted = wantedScores, wanted.layer > history.records.count - 2 { wantedScores = nil }
    guard case .opened(let subject, _, _) = event else { return }
    places = TokenSources(subject)
    frameImages = subject.media.clips.map(FrameImages.init)
  }

  /// Shows a new plan; records of changed steps are outdated until the engine applies it.
  mutating func adopt(_ newPlan: SelectionPlan) {
    if let difference = newPlan.firstDifference(from: plan) {
      history.forgetPlan()
      // A difference of 0 means Stage I, and l means layer l.
      staleFrom = min(staleFrom ?? .max, difference + 1)
    }
    plan = newPlan
  }

  /// Whether the run is a recording.
  var isReplay: Bool { subject?.origin != nil }
  /// Whether future drops are known; a trace may contain no plan.
  var isPlanKnown: Bool { subject?.origin?.statesPlan ?? true }
  var isLoading: Bool { subject == nil && loading != nil }
  /// Nominal retention R in percent; nil if the keep ratios belong to no R.
  var nominalPercent: Double? { settings.budget.nominalPercent(pairs) }
  /// Keep ratios for each nominal retention R of the model family.
  var pairs: RetentionPairs { subject?.model.family.published.pairs ?? .paper }
  var layers: Int { subject?.model.decoder.layers ?? 0 }
  /// Number of steps of the prefill.
  var stepCount: Int { PrefillStep.count(layers: layers) }
  /// Whether all steps have run with the current plan.
  var isComplete: Bool { subject != nil && ledger.current.count >= stepCount }

  /// The request for scores of a finished layer's tokens; nil for other rows, and where a drop has
  /// computed the relevance.
  func scoreRequest(_ kind: TokenScoreRequest.Kind, row: Int) -> TokenScoreRequest? {
    guard ledger.current.indices.contains(row), case .layer(let layer) = step(at: row),
      kind != .relevance || ledger.current[row].drop?.scores.isEmpty != false
    else { return nil }
    return TokenScoreRequest(layer: layer, kind)
  }

  /// Why there is no lens, for messages.
  var lensAbsence: String {
    isReplay ? "this trace has no lens" : "no lens here: --lens summary or full turns it on"
  }

  /// Restarts the timers after the process was stopped and continued.
  mutating func restartClock(at now: Duration) {
    if let running { self.running = Running(step: running.step, since: now) }
    activeSince = now
  }
}

/// A line of the log.
struct LogLine: Sendable, Equatable {
  enum Kind: Sendable { case note, warning, failure }

  let time: Duration
  let kind: Kind
  let text: String
}

extension RunState {
  /// The ledger rows at a time.
  func rows(at now: Duration) -> [LedgerRow] {
    guard let subject else { return [] }
    return (0..<stepCount).map { row($0, subject, now) }
  }

  func row(_ index: Int, _ subject: RunSubject, _ now: Duration) -> LedgerRow {
    let step = step(at: index)
    let expected = expectation(step, subject)
    guard index >= ledger.current.count else {
      let record = ledger.records[index]
      return LedgerRow(
        step: step, state: .done(record), entering: record.entering, leaving: record.leaving,
        mark: record.drop?.kind)
    }
    var state = LedgerRow.State.waiting
    if let running, running.step == step {
      state = .running((now - running.since) / .milliseconds(1))
    }
    return LedgerRow(
      step: step, state: state, entering: expected.entering, leaving: expected.leaving,
      mark: mark(after: step), isCountKnown: isPlanKnown)
  }

  private func expectation(
    _ step: PrefillStep, _ subject: RunSubject
  ) -> (entering: ModalityCounts, leaving: ModalityCounts) {
    let whole = subject.prompt.counts
    guard let forecast else { return (whole, whole) }
    switch step {
    case .encoders: return (whole, whole)
    case .stage1: return (whole, forecast.entering)
    case .layer(let layer):
      let before = layer > 1 ? forecast.afterLayer[layer - 2] : forecast.entering
      return (before, forecast.afterLayer[layer - 1])
    case .head:
      let last = forecast.afterLayer.last ?? forecast.entering
      return (last, last)
    }
  }

  /// Index of the ledger row of a step.
  func row(of step: PrefillStep) -> Int { step.index(layers: layers) }

  /// The step of a ledger row; the index is limited to valid rows.
  func step(at row: Int) -> PrefillStep {
    PrefillStep(index: min(max(0, row), stepCount - 1), layers: layers) ?? .head
  }

  /// Kind of the planned drop after a step; nil without a drop.
  func mark(after step: PrefillStep) -> DropRecord.Kind? {
    switch step {
    case .encoders, .head: nil
    case .stage1: plan.encoderRule == nil ? nil : .stage1
    case .layer(let layer):
      plan.boundary(afterLayer: layer)?.rule.kind
    }
  }

  /// Index of the engine's ledger row: the running step, or the last finished one.
  var engineRow: Int {
    let done = ledger.current.count
    return min(max(0, running == nil ? done - 1 : done), max(0, stepCount - 1))
  }
}
