import ArgumentParser
import Basics
import Evaluations
import Foundation
import Reports

/// `seats-top flips`: lists the questions that two points or files answer differently.
struct FlipsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "flips", abstract: "List the questions that two points answer differently.",
    discussion: """
      Reads a results file of a sweep and compares every point with full tokens, or pairs two \
      files as compare --results does. Nothing runs. On the sweep screen, Enter lists them and \
      opens one.
      """)

  @Argument(
    help: "Results of a sweep (JSON Lines), or samples of lmms-eval.",
    completion: .file(extensions: ["jsonl", "json"]))
  var results: String

  @Argument(
    help: "A second file to compare with, instead of the points of the first.",
    completion: .file(extensions: ["jsonl", "json"]))
  var other: String?

  @Option(help: "Methods to list, separated by commas (default: all).")
  var methods: String?

  @Option(help: "Retentions to list, in percent, separated by commas (default: all).")
  var retentions: String?

  @Option(
    help: "With one file: the method to compare with, at the same retention (default: full).")
  var baseline: String?

  @Option(
    help: "Changes to list: right-to-wrong, wrong-to-right, other-words, separated by commas.")
  var changes: String?

  @Option(help: "The metric of lmms-eval's samples (default: the first).")
  var metric: String?

  @Option(help: "Output format: text, json, csv or markdown.")
  var format = TableFormat.text

  func validate() throws {
    for file in [results, other] { try StandardStream.refuse(file, as: "flips") }
    guard baseline == nil || other == nil else {
      throw ValidationError("--baseline is for one file: leave out \(other ?? "").")
    }
    _ = try filter
    _ = try wanted
  }

  private var filter: ResultsComparison.Filter {
    get throws { try ResultsComparison.Filter(methods: methods, retentions: retentions) }
  }

  private var wanted: [AnswerFlips.Change] {
    get throws {
      guard let changes else { return AnswerFlips.Change.allCases }
      let names = AnswerFlips.Change.allCases.map(\.name).joined(separator: ", ")
      return try ListOption.entries(changes, of: "--changes", "changes such as \(names)") { name in
        AnswerFlips.Change.allCases.first { $0.name == name }
      }.entries
    }
  }

  func run() throws {
    let files = try ScoredFile.read([results] + (other.map { [$0] } ?? []), metric: metric)
    let flips =
      files.count == 2
      ? try AnswerFlips(files[0], files[1], try filter)
      : try AnswerFlips(files[0], baseline: baseline ?? "full", try filter)
    let table = FlipsTable(flips, of: files.map(\.path), try wanted)
    switch format {
    case .json: try Console.emit(JSONEncoder.pretty(table.record))
    case .csv: try Console.emit(Data(table.list.rendered(.csv).utf8))
    case .text, .markdown:
      let style: PlainTable.Style = format == .text ? .text : .markdown
      try Console.emit(Data((table.counts.rendered(style) + "\n").utf8))
      try Console.emit(Data(table.list.rendered(style).utf8))
    }
  }
}

extension ResultsComparison.Filter {
  /// The filter of the options `--methods` and `--retentions`.
  /// - Throws: `ValidationError`.
  init(methods: String?, retentions: String?) throws {
    self.init(
      methods: try methods.map {
        try ListOption.entries($0, of: "--methods", "methods such as full,seats") { $0 }.entries
      },
      retentions: try retentions.map {
        try ListOption.percents($0, of: "--retentions").entries
      })
  }
}

extension ScoredFile {
  /// Reads files with answers and the requested metric; if only the other file has that metric,
  /// with a file's only metric.
  static func read(_ paths: [String], metric: String?) throws -> [ScoredFile] {
    let files = try paths.map { path in
      do {
        return try ScoredFile(path, metric: metric)
      } catch ResultsComparisonError.noMetric(_, _, let there) where there.count == 1 {
        guard let other = paths.first(where: { $0 != path }) else {
          return try ScoredFile(path, metric: metric)
        }
        _ = try ScoredFile(other, metric: metric)
        return try ScoredFile(path)
      }
    }
    if metric != nil, !files.contains(where: \.isSamples) { throw ResultsComparisonError.noSamples }
    return files
  }
}
