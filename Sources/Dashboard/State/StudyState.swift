import Profiling
import Selection

/// What was measured beside the run: the dependency curve, and a sweep.
struct StudyState: Sendable, Equatable {
  /// KL of the run's first token against full tokens; nil until both have run.
  var drift: Double?
  /// Measured points of the dependency curve, and their total number.
  var readings: [DependencyProbe.Reading] = []
  var expectedReadings = 0
  /// The curve, once it is complete.
  var curve: DependencyCurve?
  /// Results of the sweep of the open clip, and their total number.
  var results: [SweepResult] = []
  var expectedResults = 0
  /// A loaded sweep, shown instead.
  var summary: SweepSummary?
  /// Its file.
  var file: String?
}

/// A pinned run.
struct PinnedRun: Sendable, Equatable {
  let run: ComparedRun
  /// The prompt it ran on, which another input changes.
  let prompt: PromptSummary
  let name: String
  let drift: Double?
}

extension RunState {
  /// The current run for comparison; nil before its start.
  var compared: ComparedRun? {
    guard let subject, !ledger.current.isEmpty else { return nil }
    return ComparedRun(
      settings: settings, plan: plan, prompt: subject.prompt, records: ledger.current,
      answer: isComplete ? answer : nil)
  }

  /// Method and budget: `seats R 15`, or both ratios without an R.
  var planName: String {
    guard settings.method != .full else { return "full tokens" }
    let budget = settings.budget
    let shares =
      "video \(Measure.percent(budget.video)) audio \(Measure.percent(budget.audio))"
    return settings.method.rawValue + " "
      + (nominalPercent.map { "R \(Measure.nominal($0))" } ?? shares)
  }
}
