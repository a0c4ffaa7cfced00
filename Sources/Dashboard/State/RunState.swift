import Profiling
import Selection

/// What is known of the run: what the engine said, and what the user wants of it.
struct RunState: Sendable, Equatable {
  /// The step that runs, and since when.
  struct Running: Sendable, Equatable {
    let step: PrefillStep
    let since: Duration
  }

  /// The run as the engine has reported it.
  var history = RunHistory()
  /// Where the subject's tokens come from, and what they look and sound like.
  private(set) var places: PromptPlaces?
  private(set) var films: [Film] = []
  var loading: String? = "starting"
  /// What the user has set; the engine may still be on its way there.
  var settings = SelectionSettings(dropLayers: [], lateLayer: nil)
  /// The settings the run was opened with, for `=`.
  var openedSettings: SelectionSettings?
  var plan = SelectionPlan.full
  var forecast: PlanForecast?

  /// Records from here on belong to a plan that is no longer wanted; the engine has yet to say so.
  var staleFrom: Int?
  /// What does not add up, by the record's place in the ledger.
  var faults: [Int: RecordFault] = [:]
  var running: Running?
  var activity = SessionActivity.idle
  /// The engine runs steps that were asked for one by one.
  var isStepping = false
  /// Time that runs wait after each step.
  var pace = Duration.zero
  /// Where runs stop by themselves, in the order they were set.
  var breakpoints: [Breakpoint] = []
  /// The breakpoint the run stands at.
  var pausedAt: Breakpoint?
  /// When the current activity began.
  var activeSince: Duration = .zero
  /// What was measured beside the run.
  var study = StudyState()
  /// Nil until somebody looks at the times.
  var peak: MachinePeak?
  var isPeakWanted = false
  /// The most memory the engine has held; nil where that is not known.
  var peakMemoryBytes: Int?
  /// Lines for the log, oldest first.
  var log: [LogLine] = []

  var subject: RunSubject? { history.subject }
  /// The settings that the engine works by; nil until it has opened a run.
  var engineSettings: SelectionSettings? { subject == nil ? nil : history.settings }
  var ledger: Ledger { Ledger(history.records, staleFrom: staleFrom) }
  var answer: AnswerRecord? { history.answer }
  var fullRun: FullRunRecord? { history.fullRun }
  /// Timed repetitions: of the plan in force, and of full tokens.
  var repeats: [RepeatRecord] { history.repeats }

  /// Updates the history of the run by an event of the engine.
  mutating func apply(_ event: SessionEvent) {
    history.apply(event)
    guard case .opened(let subject, _, _) = event else { return }
    places = PromptPlaces(subject)
    films = subject.media.clips.map(Film.init)
  }

  /// Makes a plan the wanted one; records that it does not keep are stale until the engine follows.
  mutating func adopt(_ newPlan: SelectionPlan) {
    if let difference = newPlan.firstDifference(from: plan) {
      history.forgetPlan()
      // Step 0 of a difference is Stage I, step l is layer l.
      staleFrom = min(staleFrom ?? .max, difference + 1)
    }
    plan = newPlan
  }

  /// The run was recorded, and cannot be changed.
  var isReplay: Bool { subject?.origin != nil }
  /// What the steps to come will drop is known: a trace may have no plan.
  var isPlanKnown: Bool { subject?.origin?.statesPlan ?? true }
  var isLoading: Bool { subject == nil && loading != nil }
  /// The nominal retention R in percent; nil once the modalities were turned apart.
  var nominalPercent: Double? { settings.budget.nominalPercent(pairs) }
  /// What R stands for with this model.
  var pairs: RetentionPairs { subject?.model.family.published.pairs ?? .paper }
  var layers: Int { subject?.model.decoder.layers ?? 0 }
  /// Steps of the whole prefill.
  var stepCount: Int { PrefillStep.count(layers: layers) }
  /// Every step has run, by the plan that is wanted.
  var isComplete: Bool { subject != nil && ledger.current.count >= stepCount }

  /// The clocks of what runs start again: the process was stopped meanwhile.
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
  /// The rows of the ledger at a moment.
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

  /// The row of the ledger that a step has.
  func row(of step: PrefillStep) -> Int { step.index(layers: layers) }

  /// The step of a row of the ledger; the nearest one outside.
  func step(at row: Int) -> PrefillStep {
    PrefillStep(index: min(max(0, row), stepCount - 1), layers: layers) ?? .head
  }

  /// What the plan does after a step.
  func mark(after step: PrefillStep) -> DropRecord.Kind? {
    switch step {
    case .encoders, .head: nil
    case .stage1: plan.encoderRule == nil ? nil : .stage1
    case .layer(let layer):
      plan.boundary(afterLayer: layer)?.rule.kind
    }
  }

  /// The row that follows the engine: the step that runs, else the last one done.
  var engineRow: Int {
    let done = ledger.current.count
    return min(max(0, running == nil ? done - 1 : done), max(0, stepCount - 1))
  }
}
