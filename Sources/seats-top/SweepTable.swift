import Foundation
import Profiling

/// Sweeps and curves as plain text.
enum SweepTable {
  static func row(_ point: MethodSweep.Point) -> String {
    String(
      format:
        "%@ R=%3.0f  accuracy %5.1f ± %.1f %%  kept %5.1f %%  FLOPs ÷ %5.2f  prefill %7.2f ms\n",
      padded(point.method, 13), point.retention, point.accuracy.share * 100,
      point.accuracy.standardError * 100, point.retentionReached * 100, point.reduction,
      point.prefillMilliseconds)
  }

  /// Accuracy by question type and by clip length.
  static func details(_ point: MethodSweep.Point) -> String {
    let types = point.byType.sorted { $0.key < $1.key }.map { line($0.key, $0.value) }
    let lengths = point.byWindows.sorted { $0.key < $1.key }.map {
      line("\($0.key) windows", $0.value)
    }
    return (["", "\(point.method), R = \(point.retention.formatted()):"] + types + lengths)
      .joined(separator: "\n") + "\n"
  }

  static func curve(_ curve: DependencyCurve) -> String {
    var lines = [line("full tokens", curve.full), "", "removed before layer"]
    let layers = Set(curve.points.map(\.layer)).sorted()
    for layer in layers {
      let cells = DependencyCurve.Removal.allCases.map { removal -> String in
        let point = curve.points.first { $0.layer == layer && $0.removal == removal }
        return String(format: "%@ %5.1f %%", removal.rawValue, (point?.accuracy.share ?? 0) * 100)
      }
      lines.append(String(format: "%4d  ", layer) + cells.joined(separator: "   "))
    }
    let drops = curve.proposedDropLayers.map(String.init).joined(separator: "-")
    lines += [
      "",
      "proposed: --drop-layers \(drops.isEmpty ? "none" : drops) --late-layer \(curve.proposedLateLayer)",
    ]
    return lines.joined(separator: "\n") + "\n"
  }

  private static func line(_ name: String, _ accuracy: Accuracy) -> String {
    String(
      format: "  %@ %5.1f ± %.1f %%  (%d of %d)", padded(name, 12), accuracy.share * 100,
      accuracy.standardError * 100, accuracy.right, accuracy.asked)
  }

  private static func padded(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(0, width - text.count))
  }
}
