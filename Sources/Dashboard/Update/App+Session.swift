import Reports
import Runs
import Selection
import Sessions

extension App {
  /// Updates the state with an event of the session.
  mutating func apply(_ event: SessionEvent) {
    let former = run.subject
    keepBefore(event)
    run.apply(event)
    noteAnswers(event)
    switch event {
    case .loading(let what):
      (run.loading, run.progress) = (what, nil)
      if view.toast?.role == .normal { view.toast = nil }
    case .progress(let progress): run.progress = progress.isComplete ? nil : progress
    case .opened(let subject, let settings, let plan):
      open(subject, settings, plan, after: former)
    case .planned(let settings, let plan, let kept): replan(settings, plan, kept)
    case .began(let step): run.running = .init(step: step, since: view.now)
    case .advanced(let record): advance(record)
    case .rewound(let steps): rewind(to: steps)
    case .activity(let activity): change(to: activity)
    case .fullRun(let record):
      log("full tokens: prefill \(Measure.time(record.prefillMilliseconds))")
    case .paused(let breakpoint): pause(at: breakpoint)
    case .peakMemory(let bytes): run.peakMemoryBytes = bytes
    case .study(let event): apply(event)
    case .peak(let peak): run.peak = peak
    case .logged(let message): log(message.text)
    case .warned(let message): warn(message.text)
    case .saved(let path): report("saved \(path)")
    case .failed(let message): fail(message.text)
    case .found(let paths): take(paths)
    case .lens(let update): for note in update.notes { log(note, .warning) }
    case .answered, .repeated, .settled, .scored: break
    }
  }

  private mutating func open(
    _ subject: RunSubject, _ settings: SelectionSettings, _ plan: SelectionPlan,
    after former: RunSubject?
  ) {
    (run.loading, run.progress) = (nil, nil)
    run.wantedScores = nil
    (run.isFullWanted, run.isFullWantedNext) = (run.isFullWantedNext, false)
    questions.opened(
      subject.clip, isSameClip: former?.clip.source == subject.clip.source)
    run.settings = settings
    // Another model, or a run from elsewhere, has other initial settings.
    let isSameOrigin =
      former?.model == subject.model && (former?.origin == nil) == (subject.origin == nil)
    run.openedSettings = isSameOrigin ? run.openedSettings ?? settings : settings
    run.plan = plan
    run.forecast =
      run.isPlanKnown
      ? PlanCostEstimate(plan, prompt: subject.promptShape, decoder: subject.model.decoder) : nil
    run.staleFrom = nil
    run.faults = [:]
    run.study = StudyState()
    view.inspected = nil
    // Removes the message that the run is still loading.
    if view.toast?.role == .normal { view.toast = nil }
    log("opened \(subject.clip.title) with \(subject.model.name)")
    for note in plan.notes { log(note, .warning) }
  }

  private mutating func replan(
    _ settings: SelectionSettings, _ plan: SelectionPlan, _ kept: Int
  ) {
    if run.isReplay, let subject = run.subject {
      adopt(PlannedSettings(settings, for: subject.promptShape))
    }
    truncate(to: kept)
    guard settings == run.settings else { return }
    run.plan = plan
    run.staleFrom = nil
    for note in plan.notes { log(note, .warning) }
  }

  private mutating func advance(_ record: StepRecord) {
    (run.running, run.progress) = (nil, nil)
    let before = run.history.records.dropLast()
    if let subject = run.subject, let fault = record.fault(after: before.last, of: subject) {
      run.faults[before.count] = fault
      log(fault.description, .failure)
    }
  }

  private mutating func pause(at breakpoint: Breakpoint) {
    run.pausedAt = breakpoint
    log("stopped at breakpoint \(breakpoint), before \(run.nextName)")
  }

  private mutating func rewind(to steps: Int) {
    run.running = nil
    truncate(to: steps)
  }

  private mutating func truncate(to steps: Int) {
    run.pausedAt = nil
    if steps < run.stepCount { run.study.drift = nil }
    run.faults = run.faults.filter { $0.key < steps }
  }

  private mutating func change(to activity: SessionActivity) {
    run.activity = activity
    (run.activeSince, run.progress) = (view.now, nil)
    run.layersAtStart = max(0, run.ledger.current.count - 2)
    guard activity == .idle else {
      run.pausedAt = nil
      return
    }
    run.running = nil
    if view.toast?.text == Self.cancelling { say("cancelled: ^C again quits", .warning) }
  }

  private mutating func fail(_ sentence: String) {
    run.running = nil
    (run.loading, run.progress) = (nil, nil)
    questions.cancelOpening()
    run.isFullWantedNext = false
    log(sentence, .failure)
    say(sentence, .error, seconds: 20)
  }

  private mutating func warn(_ sentence: String) {
    log(sentence, .warning)
    say(sentence, .warning, seconds: 20)
  }

  private mutating func report(_ text: String) {
    log(text)
    say(text, .good)
  }

  mutating func log(_ text: String, _ kind: LogLine.Kind = .note) {
    let line = LogLine(time: view.now, kind: kind, text: text)
    if run.log.last?.text == text { return }
    run.log.append(line)
    if run.log.count > 1000 { run.log.removeFirst(run.log.count - 1000) }
  }
}
