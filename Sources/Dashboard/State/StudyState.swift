import Evaluations
import Reports
import Runs
import Selection

/// Results of measurements of the open clip: dependency curve and sweep.
struct StudyState: Sendable, Equatable {
  /// KL divergence of the run's first answer token from full tokens, in nats; nil until both have
  /// run.
  var drift: Double?
  /// Measured points of the dependency curve, and their total number.
  var readings: [DependencyProbe.Reading] = []
  var expectedReadings = 0
  /// The dependency curve; nil until it is complete.
  var curve: DependencyCurve?
  /// The worth study of the windows, complete or not, and that of the last span.
  var worth: WorthResult?
  var worthOfSpan: WorthResult?
  /// The study that was requested last.
  var worthRequest: WorthRequest?
  /// The study of a span that was requested last.
  var spanRequest: WorthRequest?
  /// Results of the sweep of the open clip, and their total number.
  var results: [SweepResult] = []
  var expectedResults = 0
  /// Summary of a loaded results file, shown instead of `results`.
  var summary: SweepSummary?
  /// Path of the loaded results file.
  var file: String?
  /// The flips of results; nil until they are read.
  var flips: FlipList?
}

/// A run kept for comparison: pinned, of full tokens, or before the last edit.
struct PinnedRun: Sendable, Equatable {
  let run: ComparedRun
  /// Prompt of the run; another clip, question or other input settings change the prompt.
  let prompt: PromptSummary
  /// The clip with its question.
  let clip: ClipSummary
  let name: String
  let drift: Double?
}

extension RunState {
  /// The current run in the form used for comparisons; nil before its first step.
  var compared: ComparedRun? {
    guard let subject, !ledger.current.isEmpty else { return nil }
    return ComparedRun(
      settings: settings, plan: plan, prompt: subject.prompt, records: ledger.current,
      answer: isComplete ? answer : nil)
  }

  /// The current run, to be compared later; nil before its first step.
  var pinned: PinnedRun? {
    guard let compared, let subject else { return nil }
    return PinnedRun(
      run: compared, prompt: subject.prompt, clip: subject.clip, name: planName, drift: study.drift)
  }

  /// The full-token run of the current question; nil if it has not run.
  var pinnedFull: PinnedRun? {
    guard let fullRun, let subject, settings.method != .full else { return nil }
    return PinnedRun(
      run: ComparedRun(fullRun, settings: settings, of: subject), prompt: subject.prompt,
      clip: subject.clip, name: "full tokens", drift: 0)
  }

  /// Method and budget as text: `seats R 15`, or both keep ratios if they belong to no R.
  var planName: String {
    let counts = subject?.prompt.counts ?? ModalityCounts(text: 0, video: 0, audio: 0)
    let byHand = settings.forced.summary(in: counts).map { ", \($0)" } ?? ""
    return methodName + byHand
  }

  private var methodName: String {
    guard settings.method != .full else { return "full tokens" }
    let budget = settings.budget
    let shares =
      "video \(Measure.percent(budget.video)) audio \(Measure.percent(budget.audio))"
    return settings.method.rawValue + " "
      + (nominalPercent.map { "R \(Measure.nominal($0))" } ?? shares)
  }
}
