import ArgumentParser
import Foundation
import OmniModel
import Profiling
import Selection

/// `seats-top sweep`: methods × budgets over a set of questions.
struct SweepCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sweep", abstract: "Measure methods and budgets on a benchmark or on clips.",
    discussion: """
      Full tokens always run, to compare with. With --results every answer is appended to a file, \
      and a sweep that was stopped goes on where it was. --shard splits a sweep over processes or \
      machines; --merge joins their files.
      """)

  @OptionGroup var options: ExamOptions

  @Option(help: "Methods, separated by commas; seats-nolate is SEATS without late removal.")
  var methods = "full,seats"

  @Option(help: "Retentions in percent, separated by commas.")
  var retentions = "35,25,15,10"

  @Option(help: "Layers after which tokens are dropped: 16-18-20, or none.")
  var dropLayers: LayerList?

  @Option(help: "First layer that sees text only, or none.")
  var lateLayer: LateLayer?

  @Option(help: "Lambda: Stage I lets in this many times the target retention (default: 1.4).")
  var encoderScale: Double?

  @Option(help: "Prefills per question and point; their median time counts.")
  var repeats = 1

  @Option(help: "Append results to this file (JSON Lines), and go on with what it holds.")
  var results: String?

  @Option(help: "Work on one part of the questions only: 2/8 is the second of eight.")
  var shard: Shard?

  @Option(
    parsing: .upToNextOption,
    help: "Join these results files instead of running; --results then writes the whole.")
  var merge: [String] = []

  @Option(
    help: "With --tasks, also write the answers to this directory, as lmms-eval lays them out.",
    completion: .directory)
  var samples: String?

  @Option(help: "text, json, csv or markdown.")
  var format = TableFormat.text

  @Flag(help: "Also list accuracy by kind of question and by clip length.")
  var details = false

  func validate() throws {
    for name in names where name != "seats-nolate" && SelectionMethod(rawValue: name) == nil {
      throw ValidationError("--methods knows no method \(name).")
    }
    guard !names.isEmpty else {
      throw ValidationError("--methods takes at least one method.")
    }
    guard !percents.isEmpty, percents.allSatisfy({ (0...100).contains($0) }) else {
      throw ValidationError("--retentions takes percentages separated by commas: 35,25,15,10.")
    }
    guard 1...1000 ~= repeats else {
      throw ValidationError("--repeats takes a count from 1 to 1000, not \(repeats).")
    }
    if let encoderScale, !(0...1000).contains(encoderScale) {
      throw ValidationError(
        "--encoder-scale takes a factor from 0 to 1,000, not \(encoderScale.formatted()).")
    }
    guard samples == nil || options.tasks != nil else {
      throw ValidationError("--samples writes the answers to --tasks: give it a file.")
    }
    guard merge.isEmpty || shard == nil else {
      throw ValidationError("--merge joins shards and takes no --shard.")
    }
  }

  private var names: [String] { methods.split(separator: ",").map(String.init) }
  private var percents: [Double] {
    let parts = retentions.split(separator: ",")
    let numbers = parts.compactMap { Double($0) }
    return numbers.count == parts.count ? numbers : []
  }

  func run() throws {
    let results = merge.isEmpty ? try sweep() : try merged()
    if let samples { try write(results, to: samples) }
    let summary = SweepSummary(results)
    try Console.emit(format.data(SweepTable.table(summary), summary))
    if details, format == .text { try Console.emit(Data(SweepTable.details(summary).utf8)) }
  }

  private func write(_ results: [SweepResult], to directory: String) throws {
    guard let tasks = options.tasks else { return }
    let files = SampleFiles(try TaskFile(tasks), instruction: options.instruction)
    for (name, data) in try files.contents(results) {
      try FileOutput.write(data, to: "\(directory)/\(name)", creatingDirectories: true)
    }
  }

  private func sweep() throws -> [SweepResult] {
    let thinker = try options.thinker()
    let whole = try options.set(for: thinker)
    let set = shard.map { whole.part($0) } ?? whole
    let exam = Exam(thinker, set, longestAnswer: options.maxNewTokens)
    let sweep = MethodSweep(exam, points(thinker), repeats: repeats)
    let file = try results.map {
      try SweepFile(
        continuing: $0,
        SweepHeader(
          model: URL(filePath: thinker.directory).lastPathComponent, set: whole, shard: shard))
    }
    let progress = ProgressLine("sweep", total: sweep.resultCount)
    return try sweep.run(
      known: file?.known ?? [], threads: options.threadCount,
      record: { try file?.append($0) }, progress: progress.update)
  }

  private func points(_ thinker: Thinker) -> [SweepPoint] {
    names.flatMap { name in
      (name == "full" ? [100] : percents).map { percent in
        SweepPoint(label: name, retention: percent, settings: settings(name, percent, thinker))
      }
    }
  }

  private func settings(_ name: String, _ percent: Double, _ thinker: Thinker) -> SelectionSettings
  {
    var request = SelectionOptions()
    request.retention = percent
    request.method = SelectionMethod(rawValue: name) ?? .seats
    request.dropLayers = dropLayers?.layers
    request.lateLayer = lateLayer.map(\.layer)
    request.encoderScale = encoderScale
    var settings = request.settings(for: thinker)
    if name == "seats-nolate" { settings.lateLayer = nil }
    return settings
  }

  private func merged() throws -> [SweepResult] {
    let merge = try SweepMerge(merge)
    if let results { try FileOutput.write(try merge.data(), to: results) }
    if merge.results.count < merge.expected {
      Console.complain(
        "seats-top: \(merge.results.count) of \(merge.expected) results are there: "
          + "some shards are missing or unfinished.")
    }
    return merge.results
  }
}

extension Shard: ExpressibleByArgument {
  public init?(argument: String) {
    self.init(argument)
  }
}
