import Runs
import Selection

/// The state of a run computed from its events: settings, plan, steps, answers and repetitions
/// after all steps back and plan changes.
public struct RunHistory: Sendable, Equatable {
  public package(set) var subject: RunSubject?
  /// Current settings and plan.
  public private(set) var settings = SelectionSettings(dropLayers: [], lateLayer: nil)
  public private(set) var plan = SelectionPlan.full
  /// Number of plans so far, including the current one.
  public private(set) var planCount = 0
  /// Records of the finished steps, in order: encoders, Stage I, layers 1…L, head.
  public private(set) var records: [StepRecord] = []
  public private(set) var answers = AnswerHistory()
  /// The lens of the finished steps.
  public private(set) var lens = LensHistory()
  /// Scores of tokens that were asked for.
  public private(set) var scores: [TokenScoreRequest: TokenScores] = [:]
  public private(set) var fullRun: FullRunRecord?
  /// Timed repetitions of the prefill, with the current plan and with full tokens.
  public private(set) var repeats: [RepeatRecord] = []

  public init() {}

  public var answer: AnswerRecord? { answers.last }
  var layers: Int { subject?.model.decoder.layers ?? 0 }
  /// The next step; nil after the head.
  public var nextStep: PrefillStep? { PrefillStep(index: records.count, layers: layers) }

  /// Updates the state with an event.
  public mutating func apply(_ event: SessionEvent) {
    switch event {
    case .opened(let subject, let settings, let plan):
      self = RunHistory()
      (self.subject, self.settings, self.plan, planCount) = (subject, settings, plan, 1)
    case .planned(let settings, let plan, let kept):
      if plan.firstDifference(from: self.plan) != nil { forgetPlan() }
      (self.settings, self.plan) = (settings, plan)
      planCount += 1
      // If all steps are kept, the answer is kept too.
      if kept < records.count { rewind(toSteps: kept) }
    case .advanced(let record): records.append(record)
    case .rewound(let steps): rewind(toSteps: steps)
    case .answered(let answer): answers.append(answer)
    case .fullRun(let record): fullRun = record
    case .repeated(let record): repeats.add(record)
    case .lens(let update): lens.apply(update)
    case .scored(let found): keep(found)
    case .saved, .found, .loading, .progress, .began, .activity, .paused, .study, .settled, .peak,
      .peakMemory,
      .logged,
      .warned, .failed:
      break
    }
  }

  /// Removes repetitions of the previous plan.
  public mutating func forgetPlan() { repeats.forgetPlan() }

  /// Maximum number of score lists that are kept.
  private static let mostScores = 32

  private mutating func keep(_ found: TokenScores) {
    if scores.count >= Self.mostScores { scores = [:] }
    scores[found.request] = found
  }

  private mutating func rewind(toSteps steps: Int) {
    records.removeLast(max(0, records.count - steps))
    lens.rewind(toSteps: records.count, layers: layers)
    scores = scores.filter { $0.key.layer <= records.count - 2 }
    answers = AnswerHistory()
  }
}
