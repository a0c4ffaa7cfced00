import Evaluations
import Foundation
import Reports

/// Table columns for a paired difference.
enum PairedCells {
  static var columns: [PlainColumn<PairedDifference>] {
    [
      .init("n") { "\($0.questions)" }, .init("clips") { "\($0.clips)" },
      .init("accuracy %") { percent($0.accuracy) },
      .init("baseline %") { percent($0.baselineAccuracy) },
    ] + difference
  }

  /// Columns for the difference itself.
  static var difference: [PlainColumn<PairedDifference>] {
    [
      .init("Δ %", "%+.1f") { $0.difference * 100 },
      .init("± Δ") { percent($0.standardError) }, .init("gained") { "\($0.gained)" },
      .init("lost") { "\($0.lost)" }, .init("p McNemar") { p($0.mcNemarP) },
      .init("p paired t") { p($0.pairedTP) },
    ]
  }

  /// Legend of the columns.
  static let legend = [
    "n: questions answered by both. Δ: accuracy minus that of the baseline, on these questions",
    "± Δ: its standard error, clustered by clip",
    "p McNemar: exact, two-sided, of gained against lost; p paired t: two-sided, over questions",
  ]

  static func percent(_ share: Double?) -> String {
    share.map { String(format: "%.1f", $0 * 100) } ?? ""
  }

  /// A p-value with three significant digits.
  static func p(_ value: Double?) -> String {
    value.map { String(format: $0 < 0.001 ? "%.1e" : "%.3f", $0) } ?? ""
  }
}

/// The table of paired differences of a sweep. In CSV they are columns of the sweep's table, and in
/// JSON a part of the summary.
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
    let columns: [PlainColumn<SweepBaseline.PointDifference>] = [
      .init("method") { $0.method }, .init("R") { $0.retention.formatted() },
    ]
    let paired = PairedCells.columns.map { column in
      column.of { (row: SweepBaseline.PointDifference) in row.paired }
    }
    return PlainTable(columns + paired, rows: baseline.differences)
  }

  /// Points that are not in the table, with the reasons.
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
