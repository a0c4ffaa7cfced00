import Selection

/// What a trace has told so far, as it stands after all rewinds and edits.
struct Recording: Sendable {
  private(set) var subject: RunSubject?
  private(set) var settings = SelectionSettings(dropLayers: [], lateLayer: nil)
  private(set) var plan = SelectionPlan.full
  /// Plans there were, the present one included.
  private(set) var planCount = 0
  private(set) var records: [StepRecord] = []
  private(set) var answers = AnswerCourse()
  private(set) var fullRun: FullRunRecord?
  /// The prefill, timed again and again under the present plan.
  private(set) var repeats: [RepeatRecord] = []
  /// Lines of the log and the like, to be told once: the newest, for traces may be written for days.
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
      if kept < records.count { truncate(to: kept) }
    case .advanced(let record): records.append(record)
    case .rewound(let steps): truncate(to: steps)
    case .answered(let answer): answers.append(answer)
    case .fullRun(let record): fullRun = record
    case .peakMemory, .peak, .warned, .logged: remark(event)
    case .failed(let text): remark(.warned(text))
    case .repeated(let record): repeats.add(record)
    case .saved, .loading, .began, .activity, .paused, .study, .settled: break
    }
  }

  private mutating func remark(_ event: SessionEvent) {
    remarks.append(event)
    if remarks.count > TraceLimits.remarks { remarks.removeFirst() }
  }

  private mutating func truncate(to steps: Int) {
    records.removeLast(max(0, records.count - steps))
    answers = AnswerCourse()
  }

  var layers: Int { subject?.model.decoder.layers ?? 0 }
  var isPrefilled: Bool { records.count >= layers + 3 }
}
