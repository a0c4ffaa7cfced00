import Profiling
import Selection

/// State of the run: reported by the engine, and requested by the user.
struct RunState: Sendable, Equatable {
  /// The running step and its start time.
  struct Running: Sendable, Equatable {
    let step: PrefillStep
    let since: Duration
  }

  /// The run as reported by the engine.
  var history = RunHistory()
  /// Sources of the tokens, and their pictures and levels.
  private(set) var places: TokenSources?
  private(set) var frameImages: [FrameImages] = []
  var loading: String? = "starting"
  /// What the user has set; the engine may still be on its way there.
  var settings = SelectionSettings(dropLayers: [], lateLayer: nil)
  /// The settings the run was opened with, for `=`.
  var openedSettings: SelectionSettings?
  var plan = SelectionPlan.full
  var forecast: PlanCostEstimate?

  /// Index from which records are stale: of a former plan, until the engine reports the new one.
  var staleFrom: Int?
  /// Record faults by ledger row.
  var faults: [Int: RecordFault] = [:]
  var running: Running?
  var activity = SessionActivity.idle
  /// Whether the engine runs single steps.
  var isStepping = false
  /// Step delay.
  var pace = Duration.zero
  /// Breakpoints, in the order they were set.
  var breakpoints: [Breakpoint] = []
  /// The breakpoint at which the run is paused.
  var pausedAt: Breakpoint?
  /// Start time of the current activity.
  var activeSince: Duration = .zero
  /// Measurements besides the run.
  var study = StudyState()
  /// The measured peak; nil before screen 4 was opened.
  var peak: MachinePeak?
  var isPeakWanted = false
  /// Peak memory; nil if unknown.
  var peakMemoryBytes: Int?
  /// Lines of the log, oldest first.
  var log: [LogLine] = []

  var subject: RunSubject? { history.subject }
  /// The engine's settings; nil before a run is open.
  var engineSettings: SelectionSettings? { subject == nil ? nil : history.settings }
  var ledger: Ledger { Ledger(history.records, staleFrom: staleFrom) }
  var answer: AnswerRecord? { history.answer }
  var fullRun: FullRunRecord? { history.fullRun }
  /// Timed repetitions: of the current plan, and of full tokens.
  var repeats: [RepeatRecord] { history.repeats }

  /// Applies an event of the engine.
  mutating func apply(_ event: SessionEvent) {
    history.apply(event)
    guard case .opened(let subject, _, _) = event else { return }
    places = TokenSources(subject)
    frameImages = subject.media.clips.map(FrameImages.init)
  }

  /// Adopts a plan; changed records are stale until the engine follows.
  mutating func adopt(_ newPlan: SelectionPlan) {
    if let difference = newPlan.firstDifference(from: plan) {
      history.forgetPlan()
      // Difference 0 is Stage I, l is layer l.
      staleFrom = min(staleFrom ?? .max, difference + 1)
    }
    plan = newPlan
  }

  /// Whether the run is a replay.
  var isReplay: Bool { subject?.origin != nil }
  /// Whether future drops are known; a trace may have no plan.
  var isPlanKnown: Bool { subject?.origin?.statesPlan ?? true }
  var isLoading: Bool { subject == nil && loading != nil }
  /// The nominal retention R in percent; nil once the modalities were turned apart.
  var nominalPercent: Double? { settings.budget.nominalPercent(pairs) }
  /// What R stands for with this model.
  var pairs: RetentionPairs { subject?.model.family.published.pairs ?? .paper }
  var layers: Int { subject?.model.decoder.layers ?? 0 }
  /// Number of steps of the prefill.
  var stepCount: Int { PrefillStep.count(layers: layers) }
  /// Whether all steps have run with the current plan.
  var isComplete: Bool { subject != nil && ledger.current.count >= stepCount }

  /// Restarts timers after the process was stopped and continued.
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
  /// The rows of the ledger at a time.
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

  /// The ledger row of a step.
  func row(of step: PrefillStep) -> Int { step.index(layers: layers) }

  /// The step of a ledger row, clamped.
  func step(at row: Int) -> PrefillStep {
    PrefillStep(index: min(max(0, row), stepCount - 1), layers: layers) ?? .head
  }

  /// Kind of the planned drop after a step.
  func mark(after step: PrefillStep) -> DropRecord.Kind? {
    switch step {
    case .encoders, .head: nil
    case .stage1: plan.encoderRule == nil ? nil : .stage1
    case .layer(let layer):
      plan.boundary(afterLayer: layer)?.rule.kind
    }
  }

  /// The engine's row: the running step, otherwise the last finished one.
  var engineRow: Int {
    let done = ledger.current.count
    return min(max(0, running == nil ? done - 1 : done), max(0, stepCount - 1))
  }
}
