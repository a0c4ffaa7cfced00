import Foundation
import Profiling

/// Sweeps as tables.
enum SweepTable {
  /// - Parameter format: CSV includes the columns of the baseline.
  static func table(_ summary: SweepSummary, _ format: TableFormat = .text) -> PlainTable {
    let titles = [
      "method", "R", "questions", "accuracy %", "±", "of full %", "same %", "KL", "kept %",
      "FLOPs ÷", "MFLOPs", "executed M", "prefill ms", "select ms",
    ]
    guard format == .csv, let baseline = summary.baseline else {
      return PlainTable(titles, rows: summary.points.map(row))
    }
    return PlainTable(
      titles + ["baseline"] + PairedCells.titles,
      rows: summary.points.map { row($0) + cells(of: $0, baseline) })
  }

  private static func cells(of point: SweepSummary.Point, _ baseline: SweepBaseline) -> [String] {
    let difference = baseline.differences.first {
      $0.method == point.method && $0.retention == point.retention
        && $0.settings == point.settings
    }
    return difference.map { [baseline.method] + PairedCells.row($0.paired) }
      ?? Array(repeating: "", count: PairedCells.titles.count + 1)
  }

  /// Footnotes of the table.
  static func footnotes(_ summary: SweepSummary) -> Footnotes {
    Footnotes(
      summary.notices,
      notes: summary.points.map { point in
        let budget = point.method == "full" ? "" : ", R = \(point.retention.formatted())"
        return ("\(point.method)\(budget)", point.notes)
      }, skipped: summary.skipped, questions: summary.points.map(\.questions).max() ?? 0)
  }

  private static func row(_ point: SweepSummary.Point) -> [String] {
    [
      point.method, point.retention.formatted(), "\(point.questions)",
      percent(point.accuracy?.share), percent(point.accuracy?.standardError),
      percent(point.shareOfFull), percent(point.sameAsFull.share),
      String(format: "%.4f", point.divergence), percent(point.retentionReached),
      String(format: "%.2f", point.reduction), millions(point.referenceFlops),
      millions(point.executedFlops), String(format: "%.2f", point.prefillMs),
      String(format: "%.2f", point.selectionMs),
    ]
  }

  private static func percent(_ share: Double?) -> String {
    share.map { String(format: "%.1f", $0 * 100) } ?? ""
  }

  private static func millions(_ flops: Double) -> String { String(format: "%.1f", flops / 1e6) }

  /// Accuracy by kind of question and by clip length, point by point.
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
