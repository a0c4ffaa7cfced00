import ArgumentParser
import Basics
import Evaluations
import Foundation
import OmniModel
import Reports
import Runs
import Selection

/// `seats-top compare`: runs one clip with several methods, or compares two files with answers.
struct CompareCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "compare",
    abstract: "Run several methods on one clip and compare them, or compare two answer files.",
    discussion: """
      Survivors are compared with those of the first method. With --results nothing runs: two \
      files that sweep --results or lmms-eval --log_samples wrote are paired question by question.
      """)

  @OptionGroup var options: RunOptions

  @Option(
    help: """
      Methods, separated by commas; seats@25 sets the retention of one method (default: \
      full,seats,fastv-om,visionzip-om,divprune-om,omnizip,random). With --results: methods to \
      compare (default: all).
      """)
  var methods: String?

  @Option(help: "Prefills per method, 1 to 1000; times are medians (default: 3).")
  var repeats: Int?

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp(
      "Compare two files instead of running: results of sweeps, or samples of lmms-eval.",
      valueName: "file"), completion: .file(extensions: ["jsonl", "json"]))
  var results: [String] = []

  @Option(help: "With --results: retentions in percent, separated by commas (default: all).")
  var retentions: String?

  @Option(
    help: "With --results: the metric of lmms-eval's samples (default: the first).")
  var metric: String?

  @Option(help: "Output format: text, json, csv or markdown.")
  var format = TableFormat.text

  func validate() throws {
    guard results.isEmpty else {
      try validateFiles()
      return
    }
    for (value, option) in [(retentions, "--retentions"), (metric, "--metric")] where value != nil {
      throw ValidationError("\(option) requires --results.")
    }
    _ = try chosen
    if let method = options.method {
      throw ValidationError(
        "compare takes its methods from --methods: add \(method.rawValue) there, and leave out --method."
      )
    }
    guard 1...1000 ~= repeats ?? 3 else {
      throw ValidationError("--repeats takes a count from 1 to 1000, not \(repeats ?? 3).")
    }
  }

  /// Checks that no options for running a model are given with files of answers.
  private func validateFiles() throws {
    guard results.count == 2 else {
      throw ValidationError("--results takes two files to compare, not \(results.count).")
    }
    for file in results { try StandardStream.refuse(file, as: "--results") }
    let taken = ["--results", "--methods", "--retentions", "--metric", "--format"]
    let given = CommandLine.arguments.dropFirst().filter { $0.hasPrefix("-") && $0 != "-" }
      .map { String($0.prefix { $0 != "=" }) }
    let option = given.first { !taken.contains($0) } ?? options.clip.map { _ in "a clip" }
    if let option {
      throw ValidationError("--results compares two files without a run: leave out \(option).")
    }
    _ = try filter
  }

  /// Methods and budgets to compare.
  private var filter: ResultsComparison.Filter {
    get throws { try ResultsComparison.Filter(methods: methods, retentions: retentions) }
  }

  private func compareFiles() throws {
    let files = try ScoredFile.read(results, metric: metric)
    let comparison = try ResultsComparison(files[0], files[1], try filter)
    try ResultsTable(comparison).emit(format)
  }

  func run() async throws {
    guard results.isEmpty else {
      try compareFiles()
      return
    }
    let request = try options.request()
    let opened = try await OpenedRun(request, onEvent: Console.report)
    let chosen = try chosen
    ListOption.report(chosen, of: "--methods")
    let named = chosen.entries.map { point($0.method, $0.retention, request, opened.thinker) }
    let (points, repeated) = SweepPoint.distinct(named)
    ListOption.report(repeated.map { "\($0.label)@\($0.retention.formatted())" }, of: "--methods")
    let progress = ProgressLine(.comparison, total: points.count)
    let comparison = try MethodComparison.run(
      opened, request, points, repeats: repeats ?? 3, progress: progress.update)
    let table = ComparisonTable(comparison)
    try Console.emit(format.data(table.summary, comparison))
    if format == .text { try Console.emit(Data(table.details.utf8)) }
    try format.emit(Footnotes(comparison.notices))
  }

  private var chosen: ListText<Choice> {
    get throws {
      try ListOption.entries(
        methods ?? "full,seats,fastv-om,visionzip-om,divprune-om,omnizip,random", of: "--methods",
        "methods such as seats, or seats@25 with a retention of 1 to 100"
      ) { Choice($0) }
    }
  }

  /// A method with an optional nominal retention: `seats` or `seats@25`.
  struct Choice: Equatable {
    let method: SelectionMethod
    let retention: Double?

    /// Parses a method such as `seats@25`; nil if the text is invalid.
    init?(_ text: String) {
      let parts = text.split(separator: "@", omittingEmptySubsequences: false)
      guard parts.count <= 2, let method = SelectionMethod(rawValue: String(parts[0])) else {
        return nil
      }
      self.method = method
      guard parts.count == 2 else {
        retention = nil
        return
      }
      guard let percent = Double(parts[1]), RetentionBudget.nominalPercents ~= percent else {
        return nil
      }
      retention = percent
    }
  }

  private func point(
    _ method: SelectionMethod, _ retention: Double?, _ request: RunRequest, _ thinker: Thinker
  ) -> SweepPoint {
    var options = request.options
    options.method = method
    if let retention {
      options.retention = retention
      (options.videoRatio, options.audioRatio) = (nil, nil)
    }
    let settings = options.settings(for: thinker)
    guard method != .full else { return .full(settings) }
    return SweepPoint(label: method.rawValue, retention: options.retention, settings: settings)
  }
}

/// Comparisons of methods as tables.
struct ComparisonTable {
  let comparison: MethodComparison

  init(_ comparison: MethodComparison) {
    self.comparison = comparison
  }

  /// A table with one row per method.
  var summary: PlainTable {
    let columns: [PlainColumn<MethodComparison.Row>] = [
      .init("method") { $0.method }, .init("answer") { Self.short($0.answer) },
      .init("R") { $0.retention.formatted() },
      .init("kept %", "%.1f") { $0.retentionReached * 100 },
      .init("prefill ms", "%.2f") { $0.prefillMs }, .init("select ms", "%.2f") { $0.selectionMs },
      .init("KV KiB", "%.1f") { Double($0.kvBytes) / 1024 },
      .init("MFLOPs", "%.1f") { $0.referenceFlops / 1e6 },
      .init("video in", "%.2f") { $0.overlapEntering.video },
      .init("audio in", "%.2f") { $0.overlapEntering.audio },
      .init("video left", "%.2f") { $0.overlapChosen.video },
      .init("audio left", "%.2f") { $0.overlapChosen.audio },
      .init("same") { $0.isSameAsFull ? "yes" : "no" },
      .init("right") { $0.isRight.map { $0 ? "yes" : "no" } ?? "" },
      .init("KL", "%.4f") { $0.divergence },
    ]
    return PlainTable(columns, rows: comparison.rows, words: 2)
  }

  /// Tokens per layer, first tokens, answers and notes, as text.
  var details: String {
    let first = comparison.rows.first?.method ?? ""
    return "\nin: overlap |A ∩ B| / |A ∪ B| with the tokens of \(first) that enter layer 1; "
      + "left: with its tokens kept after the last drop\n\n"
      + layers.rendered(.text) + "\n" + candidates.rendered(.text) + notes
  }

  /// A table of the text, video and audio tokens that each layer processed.
  private var layers: PlainTable {
    let count = comparison.rows.map(\.tokensPerLayer.count).max() ?? 0
    let hasAudio = comparison.rows.contains { $0.tokensPerLayer.contains { $0.audio > 0 } }
    let methods = comparison.rows.map { row in
      PlainColumn<Int>(row.method) { layer in
        guard layer < row.tokensPerLayer.count else { return "" }
        let counts = row.tokensPerLayer[layer]
        return "\(counts.textAndImage)+\(counts.video)" + (hasAudio ? "+\(counts.audio)" : "")
      }
    }
    let title = "layer: text+video\(hasAudio ? "+audio" : ", no audio")"
    let layer = PlainColumn<Int>(title) { "\($0 + 1)" }
    return PlainTable([layer] + methods, rows: Array(0..<count))
  }

  /// A table of the five most probable first tokens with their logits.
  private var candidates: PlainTable {
    let method = PlainColumn<MethodComparison.Row>("first token") { $0.method }
    let places = (0..<5).map { place in
      PlainColumn<MethodComparison.Row>("\(place + 1)") { row in
        guard place < row.topLogits.count else { return "" }
        let candidate = row.topLogits[place]
        return "\(Self.short(candidate.text)) \(String(format: "%.2f", candidate.logit))"
      }
    }
    return PlainTable([method] + places, rows: comparison.rows, words: 6)
  }

  private var notes: String {
    let lines = comparison.rows.flatMap { row in
      row.notes.map { "\(row.method), R = \(row.retention.formatted()): \($0)" }
    }
    return lines.isEmpty ? "" : "\n" + lines.joined(separator: "\n") + "\n"
  }

  /// The text on one line, without control characters.
  private static func short(_ text: String) -> String {
    let line = text.printable.split(whereSeparator: \.isNewline).joined(separator: " ")
    return line.count > 40 ? line.prefix(39) + "…" : line
  }
}
