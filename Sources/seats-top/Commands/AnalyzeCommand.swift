import ArgumentParser
import Evaluations
import Foundation
import OmniModel
import Reports
import Selection

/// `seats-top analyze`: measures the layer-dependency curve.
struct AnalyzeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "analyze",
    abstract: "Measure, per layer, whether a model still needs video and audio.",
    discussion: """
      Removes video, audio or both before every layer, and reports accuracy on a benchmark, or KL \
      divergence on clips. Derives the blocks of the decoder and proposes drop layers and late layer.
      """)

  @OptionGroup var options: EvaluationOptions

  @Option(help: "Modalities to remove, separated by commas: both, video, audio.")
  var removals = "both,video,audio"

  @Option(help: "Output format: text, json, csv or markdown.")
  var format = TableFormat.text

  private var chosen: ListText<Removal> {
    get throws {
      try ListOption.entries(removals, of: "--removals", "both, video and audio") {
        Removal(rawValue: $0)
      }
    }
  }

  func validate() throws {
    guard try chosen.entries.contains(.both) else {
      throw ValidationError("--removals must include both, from which the blocks are derived.")
    }
  }

  func run() throws {
    let chosen = try chosen
    ListOption.report(chosen, of: "--removals")
    let thinker = try options.thinker()
    let evaluation = options.evaluation(thinker, try options.set(for: thinker))
    let progress = ProgressLine(.dependency, total: evaluation.set.questionCount)
    let curve = try DependencyCurve.run(
      evaluation, removals: chosen.entries, threads: options.products.threadCount,
      skip: SkippedClips(progress).report, progress: progress.update)
    try Console.emit(format.data(CurveTable.table(curve), curve))
    // Without questions no drop layers are proposed.
    if format == .text, curve.questions > 0 {
      try Console.emit(Data(CurveTable.conclusion(curve).utf8))
    }
    try format.emit(
      Footnotes(curve.notices, skipped: curve.skipped, questions: curve.questions))
    try SkippedClips.end(curve.skipped)
  }
}

/// Dependency curves as tables.
enum CurveTable {
  /// A table with one row per layer: accuracy if there are several questions with right answers,
  /// otherwise KL divergence.
  static func table(_ curve: DependencyCurve) -> PlainTable {
    let removals = Removal.allCases.filter { removal in
      curve.points.contains { $0.removal == removal }
    }
    let leading: [PlainColumn<Int>] = [
      .init("before layer") { "\($0)" }, .init("block") { block($0, curve.blocks) },
    ]
    let isDrift = curve.full == nil || curve.questions == 1
    let measured = removals.flatMap { removal in
      columns(removal, isDrift: isDrift).map { column in
        column.of { (layer: Int) in
          curve.points.first { $0.layer == layer && $0.removal == removal }
        }
      }
    }
    return PlainTable(leading + measured, rows: Array(1...curve.layers), words: 2)
  }

  private static func columns(
    _ removal: Removal, isDrift: Bool
  ) -> [PlainColumn<DependencyCurve.Point>] {
    if isDrift {
      return [
        .init("\(removal.rawValue): KL", "%.4f") { $0.divergence },
        .init("same") { $0.sameAsFull.right > 0 ? "yes" : "no" },
      ]
    }
    return [
      .init("\(removal.rawValue) %", "%.1f") { ($0.accuracy?.share ?? 0) * 100 },
      .init("±", "%.1f") { ($0.accuracy?.standardError ?? 0) * 100 },
      .init("same %", "%.1f") { $0.sameAsFull.share * 100 },
      .init("KL", "%.4f") { $0.divergence },
    ]
  }

  private static func block(_ layer: Int, _ blocks: DependencyBlocks) -> String {
    layer >= blocks.late ? "late" : layer >= blocks.middle ? "middle" : "shallow"
  }

  static func conclusion(_ curve: DependencyCurve) -> String {
    var lines = [""]
    if let full = curve.full, curve.questions > 1 {
      lines.append(
        String(
          format: "full tokens  %.1f ± %.1f %%  (%d of %d)", full.share * 100,
          full.standardError * 100, full.right, full.asked))
    }
    let costs = Removal.allCases.compactMap { removal in
      curve.cost[removal].map { String(format: "%@ %.2f", removal.rawValue, $0) }
    }
    lines += [
      "cost         \(costs.joined(separator: ", ")) full prefills per question, plus one shared by all",
      "proposed     --drop-layers \(curve.blocks.dropLayerText) --late-layer \(curve.blocks.late)",
    ]
    return lines.joined(separator: "\n") + "\n"
  }
}
