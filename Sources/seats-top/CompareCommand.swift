import ArgumentParser
import Foundation
import OmniModel
import Profiling
import Selection

/// `seats-top compare`: one clip under several methods.
struct CompareCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "compare", abstract: "Run several methods on one clip and compare them.",
    discussion: "Survivors are compared with those of the method named first.")

  @OptionGroup var options: RunOptions

  @Option(
    help: "Methods, separated by commas; seats@25 sets a retention of its own.")
  var methods = "full,seats,fastv-om,visionzip-om,divprune-om,omnizip,random"

  @Option(help: "Prefills of each; their median time counts.")
  var repeats = 3

  @Option(help: "text, json, csv or markdown.")
  var format = TableFormat.text

  func validate() throws {
    _ = try chosen
    if let method = options.method {
      throw ValidationError(
        "compare runs the methods of --methods: name \(method.rawValue) there, instead of with --method."
      )
    }
    guard 1...1000 ~= repeats else {
      throw ValidationError("--repeats takes a count from 1 to 1000, not \(repeats).")
    }
  }

  func run() async throws {
    let request = try options.request()
    let opened = try await OpenedRun(request, onCache: Console.tell)
    let chosen = try chosen
    ListOption.tell(chosen, of: "--methods")
    let named = chosen.entries.map { point($0.method, $0.retention, request, opened.thinker) }
    let (points, repeated) = SweepPoint.distinct(named)
    ListOption.tell(repeated.map { "\($0.label)@\($0.retention.formatted())" }, of: "--methods")
    let progress = ProgressLine("compare", total: points.count)
    let comparison = try MethodComparison(
      opened, request, points, repeats: repeats, progress: progress.update)
    let table = ComparisonTable(comparison)
    try Console.emit(format.data(table.summary, comparison))
    if format == .text { try Console.emit(Data(table.details.utf8)) }
    try format.emit(Footnotes(comparison.notices))
  }

  private var chosen: ListText<Choice> {
    get throws {
      try ListOption.entries(
        methods, of: "--methods", "methods such as seats, or seats@25 with a retention of 1 to 100"
      ) { Choice($0) }
    }
  }

  /// `seats` or `seats@25`.
  struct Choice: Equatable {
    let method: SelectionMethod
    let retention: Double?

    /// Nil where the text is neither.
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

/// Comparisons as tables.
struct ComparisonTable {
  let comparison: MethodComparison

  init(_ comparison: MethodComparison) {
    self.comparison = comparison
  }

  /// One row per method.
  var summary: PlainTable {
    PlainTable(
      [
        "method", "answer", "R", "kept %", "prefill ms", "select ms", "KV KiB", "MFLOPs",
        "video in", "audio in", "video left", "audio left", "same", "right", "KL",
      ],
      rows: comparison.rows.map { row in
        [
          row.method, Self.short(row.answer), row.retention.formatted(),
          String(format: "%.1f", row.retentionReached * 100),
          String(format: "%.2f", row.prefillMs), String(format: "%.2f", row.selectionMs),
          String(format: "%.1f", Double(row.kvBytes) / 1024),
          String(format: "%.1f", row.referenceFlops / 1e6),
          Self.share(row.overlapEntering.video), Self.share(row.overlapEntering.audio),
          Self.share(row.overlapChosen.video), Self.share(row.overlapChosen.audio),
          row.isSameAsFull ? "yes" : "no", row.isRight.map { $0 ? "yes" : "no" } ?? "",
          String(format: "%.4f", row.divergence),
        ]
      }, words: 2)
  }

  /// Tokens per layer, first tokens, answers and notes.
  var details: String {
    let first = comparison.rows.first?.method ?? ""
    return "\nvideo and audio, in and left: overlap with the tokens of \(first) that entered layer "
      + "1, and that its last choice left (|A ∩ B| / |A ∪ B|)\n\n"
      + layers.rendered(.text) + "\n" + candidates.rendered(.text) + notes
  }

  /// Text, video and audio tokens that each layer processed.
  private var layers: PlainTable {
    let count = comparison.rows.map(\.tokensPerLayer.count).max() ?? 0
    return PlainTable(
      ["layer: text+video+audio"] + comparison.rows.map(\.method),
      rows: (0..<count).map { layer in
        ["\(layer + 1)"]
          + comparison.rows.map { row in
            guard layer < row.tokensPerLayer.count else { return "" }
            let counts = row.tokensPerLayer[layer]
            return "\(counts.textAndImage)+\(counts.video)+\(counts.audio)"
          }
      })
  }

  /// The five most likely first tokens, with their logits.
  private var candidates: PlainTable {
    PlainTable(
      ["first token", "1", "2", "3", "4", "5"],
      rows: comparison.rows.map { row in
        let cells = row.topLogits.prefix(5).map {
          "\(Self.short($0.text)) \(String(format: "%.2f", $0.logit))"
        }
        return [row.method] + cells + Array(repeating: "", count: 5 - cells.count)
      }, words: 6)
  }

  private var notes: String {
    let lines = comparison.rows.flatMap { row in
      row.notes.map { "\(row.method), R = \(row.retention.formatted()): \($0)" }
    }
    return lines.isEmpty ? "" : "\n" + lines.joined(separator: "\n") + "\n"
  }

  private static func share(_ value: Double?) -> String {
    value.map { String(format: "%.2f", $0) } ?? ""
  }

  /// On one line, without anything that acts on a terminal.
  private static func short(_ text: String) -> String {
    let line = text.printable.split(whereSeparator: \.isNewline).joined(separator: " ")
    return line.count > 40 ? line.prefix(39) + "…" : line
  }
}
