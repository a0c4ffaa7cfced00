import Selection

/// What a trace has told so far, as it stands after all rewinds and edits.
struct Recording: Sendable {
  private(set) var subject: RunSubject?
  private(set) var settings = SelectionSettings(dropLayers: [], lateLayer: nil)
  private(set) var plan = SelectionPlan.full
  /// Plans there were, the present one included.
  private(set) var planCount = 0
  private(set) var records: [StepRecord] = []
  /// The answer as it grew, the last one longest.
  private(set) var answers: [AnswerRecord] = []
  private(set) var fullRun: FullRunRecord?
  /// The prefill, timed again and again under the present plan.
  private(set) var repeats: [RepeatRecord] = []
  /// Lines of the log and the like, to be told once.
  private(set) var remarks: [SessionEvent] = []

  mutating func take(_ event: SessionEvent) {
    switch event {
    case .opened(let subject, let settings, let plan):
      self = Recording()
      (self.subject, self.settings, self.plan, planCount) = (subject, settings, plan, 1)
    case .planned(let settings, let plan, let kept):
      (self.settings, self.plan) = (settings, plan)
      planCount += 1
      repeats.forgetPlan()
      truncate(to: kept)
    case .advanced(let record): records.append(record)
    case .rewound(let steps): truncate(to: steps)
    case .answered(let answer):
      if let last = answers.last, answer.tokenIDs.count <= last.tokenIDs.count {
        answers.removeAll { $0.tokenIDs.count >= answer.tokenIDs.count }
      }
      answers.append(answer)
    case .fullRun(let record): fullRun = record
    case .peakMemory, .peak, .warned, .logged: remarks.append(event)
    case .failed(let text): remarks.append(.warned(text))
    case .repeated(let record): repeats.add(record)
    case .saved, .loading, .began, .activity, .paused, .study, .settled: break
    }
  }

  private mutating func truncate(to steps: Int) {
    records.removeLast(max(0, records.count - steps))
    answers = []
  }

  var layers: Int { subject?.model.decoder.layers ?? 0 }
  var isPrefilled: Bool { records.count >= layers + 3 }
}
