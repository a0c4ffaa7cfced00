import Basics
import Evaluations
import Foundation
import Reports

/// Worth studies as tables: of one question its windows, of several their rank correlations.
struct WorthTable {
  private let study: WorthStudy
  private let details: Bool

  /// - Parameter details: whether correlations are also listed by kind of question.
  init(_ study: WorthStudy, details: Bool) {
    (self.study, self.details) = (study, details)
  }

  private var single: WorthResult? { study.rows.count == 1 ? study.rows[0].result : nil }

  var table: PlainTable {
    if let single { return PlainTable(Self.columns(single), rows: single.windows, words: 2) }
    return PlainTable(correlationColumns, rows: correlations, words: details ? 3 : 2)
  }

  private static func columns(_ result: WorthResult) -> [PlainColumn<WorthResult.Window>] {
    let measures = result.measures.map { name in
      PlainColumn<WorthResult.Window>(name, "%.4g") { $0.importance[name] }
    }
    return [
      .init("window") { "\($0.modality.rawValue) \($0.index + 1)" },
      .init("tokens") { $0.tokens.text }, .init("start s", "%.1f") { $0.seconds },
      .init("present") { "\($0.present)" },
    ] + measures + [
      .init("KL", "%.4f") { $0.effect?.divergence },
      .init("same") { $0.effect.map { $0.isSame ? "yes" : "no" } ?? "" },
      .init("answer") { $0.effect.map { Self.short($0.answer) } ?? "" },
    ]
  }

  private var correlations: [WorthStudy.Correlation] {
    study.correlations.filter { details || $0.kind == nil }
  }

  private var correlationColumns: [PlainColumn<WorthStudy.Correlation>] {
    (details ? [.init("kind") { $0.kind ?? "all" }] : []) + [
      .init("measure") { $0.measure }, .init("windows") { $0.scope.rawValue },
      .init("questions") { "\($0.questions)" }, .init("ρ", "%.3f") { $0.mean },
      .init("±", "%.3f") { $0.standardError },
    ]
  }

  /// What was measured, its cost, and for one question its answer and correlations.
  var conclusion: String {
    var lines = [
      "", "unmodified  \(study.base), each window left out from layer \(study.fromLayer) on",
    ]
    if let cost = study.cost { lines.append("cost        \(Self.text(cost))") }
    guard let single else {
      lines.append(
        "ρ           Spearman's, of each measure and the KL divergence: mean over questions")
      return lines.joined(separator: "\n") + "\n"
    }
    lines.append("answer      \(Self.short(single.answer))")
    for measure in single.measures {
      let parts = WorthResult.Scope.allCases.compactMap { scope in
        single.correlation(measure, scope).map { String(format: "%@ %.2f", scope.rawValue, $0) }
      }
      guard !parts.isEmpty else { continue }
      lines.append("Spearman ρ  \(measure) and KL: \(parts.joined(separator: ", "))")
    }
    return lines.joined(separator: "\n") + "\n"
  }

  /// The cost as text: `12 partial prefills, 3.1 GFLOPs, about 0.4 s`.
  static func text(_ cost: WorthCost) -> String {
    let count = cost.partialPrefills
    return [
      "\(count) partial prefill\(count == 1 ? "" : "s")",
      cost.referenceFlops.map {
        "\(Measure.flops($0).trimmingCharacters(in: .whitespaces)) reference FLOPs"
      } ?? "unknown FLOPs",
      cost.seconds.map { "about \(String(format: "%.3g", $0)) s" } ?? "unknown time",
    ].joined(separator: ", ")
  }

  private static func short(_ text: String) -> String {
    let line = text.printable.split(whereSeparator: \.isNewline).joined(separator: " ")
    return line.count > 40 ? line.prefix(39) + "…" : line
  }
}
