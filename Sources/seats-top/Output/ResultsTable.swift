import Basics
import Evaluations
import Foundation
import Reports

/// The comparison of two files with answers as a table, with header and notes.
struct ResultsTable {
  let comparison: ResultsComparison

  init(_ comparison: ResultsComparison) {
    self.comparison = comparison
  }

  func emit(_ format: TableFormat) throws {
    switch format {
    case .json: try Console.emit(JSONEncoder.pretty(ResultsRecord(comparison, header, notes)))
    case .csv:
      try Console.emit(Data(table.rendered(.csv).utf8))
      for line in header + notes { Console.warn("seats-top: \(line)") }
    case .text:
      try Console.emit(lines: header + [""])
      try Console.emit(Data(table.rendered(.text).utf8))
      try Console.emit(lines: [""] + Self.legend + notes)
    case .markdown:
      try Console.emit(lines: header.map { "- \($0)" } + [""])
      try Console.emit(Data(table.rendered(.markdown).utf8))
      try Console.emit(lines: [""] + (Self.legend + notes).map { "- \($0)" })
    }
  }

  private static let legend = [
    "n: questions answered and scored in both files. Δ = b − a",
    "[…]: 95 % confidence interval; ± Δ: standard error of Δ; both clustered by clip",
    "p McNemar: exact, two-sided, of gained against lost; p paired t: two-sided, over questions",
  ]

  // MARK: Table

  private var table: PlainTable {
    let leading: [Column] = [
      .init("method") { Self.method($0) }, .init("R") { Self.retention($0) },
      .init("n") { "\($0.paired?.questions ?? 0)" },
      .init("clips") { row in
        row.isClustered ? row.paired.map { "\($0.clips)" } ?? "" : ""
      },
    ]
    let paired = (Self.accuracies + PairedCells.difference).map { column in
      column.of { (row: ResultsComparison.Row) in row.paired }
    }
    let alone: [Column] = [
      .init("only a") { "\($0.onlyFirst.count)" }, .init("only b") { "\($0.onlySecond.count)" },
    ]
    return PlainTable(leading + paired + alone, rows: comparison.rows)
  }

  private typealias Column = PlainColumn<ResultsComparison.Row>

  private static var accuracies: [PlainColumn<PairedDifference>] {
    [
      .init("a %") { PairedCells.percent($0.baselineAccuracy) },
      .init("a 95 %") { interval($0.baselineAccuracy, $0.baselineError) },
      .init("b %") { PairedCells.percent($0.accuracy) },
      .init("b 95 %") { interval($0.accuracy, $0.accuracyError) },
    ]
  }

  static func method(_ row: ResultsComparison.Row) -> String {
    switch (row.first?.method, row.second?.method) {
    case (let one?, let other?): one == other ? one : "\(one) → \(other)"
    case (let one?, nil): "\(one) → samples"
    case (nil, let other?): "samples → \(other)"
    case (nil, nil): "samples"
    }
  }

  static func retention(_ row: ResultsComparison.Row) -> String {
    let parts = [row.first, row.second].compactMap { $0?.retention.formatted() }
    return Set(parts).count == 1 ? parts[0] : parts.joined(separator: " → ")
  }

  /// The 95 % confidence interval: mean ± 1.96 standard errors, limited to 0…1: `[61.2, 74.0]`.
  private static func interval(_ mean: Double, _ error: Double?) -> String {
    guard let error else { return "" }
    let (low, high) = (mean - 1.96 * error, mean + 1.96 * error)
    let isShare = 0...1 ~= mean
    return "[\(PairedCells.percent(isShare ? max(0, low) : low)), "
      + "\(PairedCells.percent(isShare ? min(1, high) : high))]"
  }

  // MARK: Text

  /// Names of the files, and differences in how they were computed.
  private var header: [String] {
    let files = [("a", comparison.first), ("b", comparison.second)].map { letter, file in
      "\(letter)         \(file.path): \(Self.words(file))"
    }
    let differences = comparison.differences.map {
      "differs   b was made with \(ErrorMessage.words($0))"
    }
    return (files + differences).map(ErrorMessage.printable)
  }

  private static func words(_ file: ScoredFile) -> String {
    switch file.kind {
    case .sweep(let header):
      return "results of \(header.model), questions of \(header.set), \(file.count) answers"
    case .samples(let model, let task, let metric, let others):
      let more = others.isEmpty ? "" : " (--metric also takes \(others.joined(separator: ", ")))"
      return "samples of lmms-eval, model \(model), task \(task), \(file.count) answers, "
        + "metric \(metric)\(more)"
    }
  }

  /// Notes on how answers were paired, and on answers without a partner.
  private var notes: [String] {
    var lines: [String] = []
    func add(_ line: String) {
      let note = "note      \(ErrorMessage.printable(line))"
      if !lines.contains(note) { lines.append(note) }
    }
    for file in [comparison.first, comparison.second] where file.repeatedLines > 0 {
      add(
        "\(file.path): \(file.repeatedLines) lines repeat a doc_id; the first of each is used")
    }
    for row in comparison.rows {
      switch row.rule {
      case .questions: break
      case .documents: add("questions are paired by doc_hash")
      case .targets:
        add("questions are paired by doc_id, since targets agree and no doc_hash is equal")
      }
      if let paired = row.paired, !row.isClustered, paired.questions > 1 {
        add("neither file names the clips of its questions: standard errors are not clustered")
      }
      if let first = row.first, let second = row.second, first.method == second.method,
        first.settings != second.settings
      {
        add("\(Self.method(row)) has other settings: \(first.settings) and \(second.settings)")
      }
      for (names, words) in [
        (row.onlyFirst, "only in a"), (row.onlySecond, "only in b"),
        (row.unscored, "without a score in one of the files"),
        (row.otherWords, "asked with different text, choices or right answers"),
        (row.otherMedia, "about different media"),
      ] where !names.isEmpty {
        let noun = names.count == 1 ? "question" : "questions"
        add("\(names.count) \(noun) \(words): \(Self.list(names))")
      }
      if row.paired == nil {
        add("\(Self.method(row)): no question is scored in both files")
      }
    }
    return lines
  }

  private static func list(_ names: [String]) -> String {
    names.prefix(3).joined(separator: ", ") + (names.count > 3 ? ", …" : "")
  }
}

/// The comparison of two files with answers in the JSON output.
private struct ResultsRecord: Encodable {
  struct File: Encodable {
    let path: String
    /// Kind of the file: `sweep` or `samples`.
    let kind: String
    let model: String
    /// Name of the question set or of the task.
    let set: String
    let metric: String?
    let otherMetrics: [String]?
    let answers: Int

    init(_ file: ScoredFile) {
      (path, answers) = (file.path, file.count)
      switch file.kind {
      case .sweep(let header):
        (kind, model, set) = ("sweep", header.model, header.set)
        (metric, otherMetrics) = (nil, nil)
      case .samples(let model, let task, let metric, let others):
        (kind, self.model, set) = ("samples", model, task)
        (self.metric, otherMetrics) = (metric, others)
      }
    }
  }

  struct Row: Encodable {
    let method: String
    let firstRetention, secondRetention: Double?
    let firstSettings, secondSettings: String?
    let pairedBy: ResultsComparison.Rule
    let isClustered: Bool
    /// Accuracy of the second file minus that of the first.
    let paired: PairedDifference?
    let onlyFirst, onlySecond, unscored, otherWords, otherMedia: [String]

    init(_ row: ResultsComparison.Row) {
      method = ResultsTable.method(row)
      (firstRetention, secondRetention) = (row.first?.retention, row.second?.retention)
      (firstSettings, secondSettings) = (row.first?.settings, row.second?.settings)
      (pairedBy, isClustered, paired) = (row.rule, row.isClustered, row.paired)
      (onlyFirst, onlySecond, unscored) = (row.onlyFirst, row.onlySecond, row.unscored)
      (otherWords, otherMedia) = (row.otherWords, row.otherMedia)
    }
  }

  let first, second: File
  let differences: [String]
  let compared: [Row]
  let notes: [String]

  init(_ comparison: ResultsComparison, _ header: [String], _ notes: [String]) {
    (first, second) = (File(comparison.first), File(comparison.second))
    differences = comparison.differences.map(ErrorMessage.words)
    compared = comparison.rows.map(Row.init)
    self.notes = notes.map { String($0.dropFirst("note      ".count)) }
  }
}
