import ArgumentParser
import Basics
import Evaluations
import Foundation
import OmniModel
import Reports
import Runs
import Selection
import Synchronization

/// `seats-top sweep`: runs methods at several budgets on a set of questions.
struct SweepCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sweep", abstract: "Measure methods and budgets on a benchmark or on clips.",
    discussion: """
      Full tokens always run, for comparison. With --results every answer is appended to a file, \
      and a stopped sweep resumes. --shard splits a sweep over processes or \
      machines; --merge joins their files.
      """)

  @OptionGroup var options: EvaluationOptions

  @Option(help: "Methods, separated by commas.")
  var methods = "full,seats"

  @Option(help: "Retentions in percent, 1 to 100, separated by commas.")
  var retentions = "35,25,15,10"

  @OptionGroup var plan: PlanOptions

  @Option(help: "Prefills per question and point, 1 to 1000; times are medians.")
  var repeats = 1

  @Option(help: "Append results to this file (JSON Lines), and resume from it.")
  var results: String?

  @Option(help: "Run one shard of the clips: 2/8 is the second of eight.")
  var shard: Shard?

  @Option(
    parsing: .upToNextOption,
    help: "Merge these results files instead of running; --results writes the merged file.")
  var merge: [String] = []

  @Option(
    help: """
      With --tasks, also write samples to this directory, in the format of lmms-eval 0.7.
      """,
    completion: .directory)
  var samples: String?

  @Option(
    help: """
      Baseline method for paired differences in accuracy: full, or one of \
      --methods at the same retention.
      """)
  var baseline: String?

  @Option(help: "Output format: text, json, csv or markdown.")
  var format = TableFormat.text

  @Flag(help: "Also list accuracy by kind of question and by clip length.")
  var details = false

  func validate() throws {
    try StandardStream.refuse(merge, as: "--merge")
    try StandardStream.refuse(samples, as: "--samples")
    let chosen = try chosenMethods.entries
    _ = try percents
    try plan.check(for: chosen)
    try check(baseline: chosen.map(\.rawValue))
    guard 1...1000 ~= repeats else {
      throw ValidationError("--repeats takes a count from 1 to 1000, not \(repeats).")
    }
    guard samples == nil || options.tasks != nil else {
      throw ValidationError("--samples requires --tasks.")
    }
    guard merge.isEmpty || shard == nil else {
      throw ValidationError("--merge joins shards: leave out --shard.")
    }
  }

  /// Checks that the baseline is among the methods. For merged files this is checked when they are
  /// read.
  private func check(baseline methods: [String]) throws {
    guard let baseline, merge.isEmpty, baseline != "full", !methods.contains(baseline) else {
      return
    }
    let there = (["full"] + methods.filter { $0 != "full" }).joined(separator: ", ")
    throw ValidationError(
      "--baseline \(baseline) is not a method of this sweep (\(there)): "
        + "use one of them, or add it to --methods.")
  }

  private var chosenMethods: ListText<SelectionMethod> {
    get throws {
      try ListOption.entries(
        methods, of: "--methods", "methods such as full,seats",
        entry: SelectionMethod.init(rawValue:))
    }
  }

  private var percents: ListText<Double> {
    get throws { try ListOption.percents(retentions, of: "--retentions") }
  }

  func run() throws {
    try checkFiles()
    let (results, skipped) = merge.isEmpty ? try sweep() : try merged()
    if let samples { try write(results, to: samples) }
    let summary =
      try baseline.map { try SweepSummary(results, skipped: skipped, baseline: $0) }
      ?? SweepSummary(results, skipped: skipped)
    try Console.emit(format.data(SweepTable.table(summary, format), summary))
    if let baseline = summary.baseline { try BaselineTable(baseline).emit(format) }
    try format.emit(SweepTable.footnotes(summary))
    if details, format == .text { try Console.emit(Data(SweepTable.details(summary).utf8)) }
    if merge.isEmpty { try SkippedClips.end(summary.skipped) }
  }

  /// Checks that no output file is also an input file.
  private func checkFiles() throws {
    guard results != nil else { return }
    var use = try options.files(withModel: merge.isEmpty)
    for file in merge { use.reads(file, as: "--merge") }
    use.writes(results, as: "--results")
    try use.check()
  }

  private func write(_ results: [SweepResult], to directory: String) throws {
    guard let tasks = options.tasks else { return }
    let files = LMMSEvalWriter(
      try TaskFile(tasks, mediaRoot: options.mediaRoot), input: try options.input.layers(),
      instruction: options.instruction)
    let contents = try files.contents(results)
    var use = try options.files(withModel: merge.isEmpty)
    for file in merge { use.reads(file, as: "--merge") }
    use.reads(self.results, as: "--results")
    for (name, _) in contents { use.writes("\(directory)/\(name)", as: "--samples") }
    try use.check()
    for (name, data) in contents {
      try FileOutput.write(data, to: "\(directory)/\(name)", creatingDirectories: true)
    }
  }

  private func sweep() throws -> (results: [SweepResult], skipped: [SkippedClip]) {
    let thinker = try options.thinker()
    let whole = try options.set(for: thinker)
    let set = shard.map { whole.part($0) } ?? whole
    let evaluation = options.evaluation(thinker, set)
    let sweep = MethodSweep(evaluation, try points(thinker), repeats: repeats)
    let file = try results.map { try open($0, evaluation, whole) }
    let progress = ProgressLine(.sweep, total: sweep.resultCount)
    let clips = SkippedClips(progress)
    let skipped = Mutex<[SkippedClip]>([])
    let results = try sweep.run(
      known: file?.known ?? [], threads: options.products.threadCount,
      record: { try file?.append($0) },
      skip: { clip in
        clips.report(clip)
        skipped.withLock { $0.append(clip) }
        try file?.append(clip)
      }, progress: progress.update)
    return (results, skipped.withLock { $0 })
  }

  /// Opens the results file of this sweep.
  private func open(_ path: String, _ evaluation: Evaluation, _ whole: EvaluationSet) throws
    -> SweepFile
  {
    let header = SweepHeader(
      model: evaluation.thinker.label, identity: try SweepIdentity(evaluation),
      set: whole, shard: shard)
    let file = try SweepFile(continuing: path, header, for: evaluation.set)
    if let reason = file.lockProblem { Console.warn(unlocked: path, reason) }
    return file
  }

  private func points(_ thinker: Thinker) throws -> [SweepPoint] {
    let (methods, percents) = (try chosenMethods, try percents)
    ListOption.report(methods, of: "--methods")
    ListOption.report(percents, of: "--retentions")
    return methods.entries.flatMap { method in
      (method == .full ? [100] : percents.entries).map { percent in
        SweepPoint(
          label: method.rawValue, retention: percent, settings: settings(method, percent, thinker))
      }
    }
  }

  private func settings(
    _ method: SelectionMethod, _ percent: Double, _ thinker: Thinker
  ) -> SelectionSettings {
    var request = SelectionOptions()
    request.retention = percent
    request.method = method
    plan.apply(to: &request)
    return request.settings(for: thinker)
  }

  private func merged() throws -> (results: [SweepResult], skipped: [SkippedClip]) {
    let merge = try SweepMerge(merge)
    if let results { try FileOutput.write(try merge.data(), to: results) }
    if merge.results.count < merge.expected {
      Console.warn(
        "seats-top: \(merge.results.count) of \(merge.expected) results are present: "
          + "some shards are missing or unfinished.")
    }
    return (merge.results, merge.skipped)
  }
}

extension Shard: ExpressibleByArgument {
  public init?(argument: String) {
    self.init(argument)
  }
}
