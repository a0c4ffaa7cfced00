import Evaluations
import Foundation
import Reports

/// Sweeps as tables.
enum SweepTable {
  /// The table of a sweep.
  /// - Parameter format: output format; CSV includes the columns of the baseline.
  static func table(_ summary: SweepSummary, _ format: TableFormat = .text) -> PlainTable {
    let paired = format == .csv ? summary.baseline.map(differences) ?? [] : []
    return PlainTable(columns + paired, rows: summary.points)
  }

  private typealias Column = PlainColumn<SweepSummary.Point>

  private static var columns: [Column] {
    [
      .init("method") { $0.method }, .init("R") { $0.retention.formatted() },
      .init("questions") { "\($0.questions)" },
      .init("accuracy %", "%.1f") { $0.accuracy.map { $0.share * 100 } },
      .init("±", "%.1f") { $0.accuracy.map { $0.standardError * 100 } },
      .init("of full %", "%.1f") { $0.shareOfFull.map { $0 * 100 } },
      .init("same %", "%.1f") { $0.sameAsFull.share * 100 }, .init("KL", "%.4f") { $0.divergence },
      .init("kept %", "%.1f") { $0.retentionReached * 100 },
      .init("FLOPs ÷", "%.2f") { $0.reduction },
      .init("MFLOPs", "%.1f") { $0.referenceFlops / 1e6 },
      .init("executed M", "%.1f") { $0.executedFlops / 1e6 },
      .init("prefill ms", "%.2f") { $0.prefillMs }, .init("select ms", "%.2f") { $0.selectionMs },
    ]
  }

  /// Columns of the paired difference from a baseline; cells are empty for points without one.
  private static func differences(_ baseline: SweepBaseline) -> [Column] {
    let difference = { (point: SweepSummary.Point) in
      baseline.differences.first {
        $0.method == point.method && $0.retention == point.retention
          && $0.settings == point.settings
      }
    }
    return [.init("baseline") { difference($0) == nil ? "" : baseline.method }]
      + PairedCells.columns.map { column in
        column.of { (point: SweepSummary.Point) in difference(point)?.paired }
      }
  }

  /// Footnotes of the sweep's table.
  static func footnotes(_ summary: SweepSummary) -> Footnotes {
    Footnotes(
      summary.notices,
      notes: summary.points.map { point in
        let budget = point.method == "full" ? "" : ", R = \(point.retention.formatted())"
        return ("\(point.method)\(budget)", point.notes)
      }, skipped: summary.skipped, questions: summary.points.map(\.questions).max() ?? 0)
  }

  private static func percent(_ share: Double?) -> String {
    share.map { String(format: "%.1f", $0 * 100) } ?? ""
  }

  /// Accuracy of each point by type of question and by clip length, as text.
  static func details(_ summary: SweepSummary) -> String {
    summary.points.map { point in
      let kinds = point.byKind.sorted { $0.key < $1.key }.map { [$0.key] + cells($0.value) }
      let lengths = point.byWindows.sorted { $0.key < $1.key }.map {
        ["\($0.key) windows"] + cells($0.value)
      }
      let table = PlainTable(
        ["\(point.method), R = \(point.retention.formatted())", "%", "±", "right", "of"],
        rows: kinds + lengths)
      return "\n" + table.rendered(.text)
    }.joined()
  }

  private static func cells(_ accuracy: Accuracy) -> [String] {
    [
      percent(accuracy.share), percent(accuracy.standardError), "\(accuracy.right)",
      "\(accuracy.asked)",
    ]
  }
}
