import Foundation
import Profiling

/// The cells of a paired difference.
enum PairedCells {
  static let titles = [
    "n", "clips", "accuracy %", "baseline %", "Δ %", "± Δ", "gained", "lost", "p McNemar",
    "p paired t",
  ]

  /// Legend of the columns.
  static let legend = [
    "n: questions that both answered. Δ: accuracy minus that of the baseline, on these questions",
    "± Δ: its standard error, clustered by clip",
    "p McNemar: exact, two-sided, of gained against lost; p paired t: two-sided, over questions",
  ]

  static func row(_ paired: PairedDifference) -> [String] {
    [
      "\(paired.questions)", "\(paired.clips)", percent(paired.accuracy),
      percent(paired.baselineAccuracy), signed(paired.difference), percent(paired.standardError),
      "\(paired.gained)", "\(paired.lost)", p(paired.mcNemarP), p(paired.pairedTP),
    ]
  }

  static func percent(_ share: Double?) -> String {
    share.map { String(format: "%.1f", $0 * 100) } ?? ""
  }

  static func signed(_ share: Double) -> String { String(format: "%+.1f", share * 100) }

  /// A p-value with three significant digits.
  static func p(_ value: Double?) -> String {
    value.map { String(format: $0 < 0.001 ? "%.1e" : "%.3f", $0) } ?? ""
  }
}

/// The table of paired differences of a sweep. In CSV they are columns of the sweep's table, in
/// JSON part of the summary.
struct BaselineTable {
  let baseline: SweepBaseline

  init(_ baseline: SweepBaseline) {
    self.baseline = baseline
  }

  func emit(_ format: TableFormat) throws {
    switch format {
    case .json: break
    case .csv: for line in missing { Console.warn("seats-top: note      \(line)") }
    case .text:
      try Console.emit(lines: ["", title])
      if !baseline.differences.isEmpty { try Console.emit(Data(table.rendered(.text).utf8)) }
      try Console.emit(lines: PairedCells.legend + missing.map { "note      \($0)" })
    case .markdown:
      try Console.emit(lines: ["", title, ""])
      if !baseline.differences.isEmpty { try Console.emit(Data(table.rendered(.markdown).utf8)) }
      let lines = PairedCells.legend + missing.map { "note      \($0)" }
      try Console.emit(lines: [""] + lines.map { "- \($0)" })
    }
  }

  private var title: String {
    let place = baseline.method == "full" ? "" : " at the same R"
    return "paired differences from \(baseline.method)\(place)"
  }

  private var table: PlainTable {
    PlainTable(
      ["method", "R"] + PairedCells.titles,
      rows: baseline.differences.map { difference in
        [difference.method, difference.retention.formatted()] + PairedCells.row(difference.paired)
      })
  }

  /// Points missing in the table, with reasons.
  private var missing: [String] {
    baseline.missing.map { point in
      let why =
        switch point.reason {
        case .noBaseline: "\(baseline.method) has no results at this retention"
        case .noPairs: "no question that both answered has a known right answer"
        }
      return "\(point.method), R = \(point.retention.formatted()): no difference from "
        + "\(baseline.method): \(why)"
    }
  }
}
