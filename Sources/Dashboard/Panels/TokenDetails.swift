import Foundation
import Reports
import Runs
import Selection
import Terminal

/// Details of a token: its source, and what each boundary did with it.
struct TokenDetails: Equatable {
  /// Kind and source of the token.
  let facts: [String]
  /// A line that says where and why the token was dropped, or that it is left.
  let outcome: StyledLine
  /// One line per boundary, in order.
  let history: [StyledLine]

  /// Details of the token at a prompt position.
  /// - Parameter row: ledger row of the selected boundary.
  init(_ run: RunState, _ position: Int, at row: Int) {
    guard let places = run.places, places.modalities.indices.contains(position) else {
      (facts, outcome, history) = ([], "", [])
      return
    }
    facts = Self.facts(run, places, position)
    let decisions = run.decisions(on: position)
    outcome = Self.outcome(run, places, position, decisions, row)
    history = decisions.map { Self.line($0, run) }
  }

  /// Draws the details.
  /// - Returns: the rest of the area.
  @discardableResult
  func render(isWide: Bool, in area: Rect, to frame: inout Frame) -> Rect {
    guard !area.isEmpty else { return area }
    var rest = area
    if isWide {
      for fact in facts.dropFirst() { frame.write(fact, in: rest.cutTop(1)) }
      _ = rest.cutTop(1)
    }
    let text = outcome.spans.map(\.text).joined()
    let lines = CleanText(text, ascii: frame.glyphs.isASCII).wrapped(to: rest.width)
    for line in lines.prefix(isWide ? 4 : max(1, area.height - 1)) {
      frame.write(line.shown, in: rest.cutTop(1), as: outcome.spans.first?.role ?? .normal)
    }
    if isWide {
      _ = rest.cutTop(1)
      frame.write("relevance, and the lowest kept", in: rest.cutTop(1), as: .title)
    }
    let history = isWide ? history : Self.flowed(history, width: rest.width)
    for line in history.prefix(rest.height) { frame.write(line, in: rest.cutTop(1)) }
    return rest
  }

  /// Joins short lines into rows of at most `width`.
  private static func flowed(_ lines: [StyledLine], width: Int) -> [StyledLine] {
    var flowed: [StyledLine] = []
    for line in lines {
      if let last = flowed.last, last.width(ascii: false) + line.width(ascii: false) + 3 <= width {
        flowed[flowed.count - 1] = last + StyledLine("   ") + line
      } else {
        flowed.append(line)
      }
    }
    return flowed
  }
}

extension TokenDetails {
  private static func facts(
    _ run: RunState, _ places: TokenSources, _ position: Int
  ) -> [String] {
    let ordinal = places.ordinal(position)
    let modality = places.modalities[position]
    let clip = places.clip(of: position)
    let alike = places.positions(like: position).filter { places.modalities[$0] == modality }
    let rank = alike.placeOfSorted(position) + 1
    var parts = ["\(modality.rawValue) token \(rank) of \(alike.count)"]
    if modality != .text, let name = ClipName(run, clip.index) { parts.append(name.text) }
    if let seconds = places.seconds(position) {
      let digits = modality == .audio ? 2 : 1
      parts.append(
        "\(Measure.decimal(seconds.lowerBound, digits))–"
          + "\(Measure.decimal(seconds.upperBound, digits)) s")
    }
    if modality == .video, clip.hasPictures {
      let place = ordinal % clip.tokensPerGrid
      parts.append("row \(place / clip.columns + 1), column \(place % clip.columns + 1)")
    }
    if modality == .text, let pieces = run.subject?.media.text, pieces.indices.contains(rank - 1) {
      let ordinal = rank - 1
      parts.append("“\(TextStrip.visible(pieces[ordinal]))”")
    }
    parts.append("position \(position + 1) of \(places.modalities.count)")
    return parts
  }

  private static func outcome(
    _ run: RunState, _ places: TokenSources, _ position: Int, _ decisions: [TokenDecision],
    _ row: Int
  ) -> StyledLine {
    if let unknown = run.ledger.current.last(where: \.dropsUnknownTokens),
      decisions.allSatisfy(\.isKept),
      decisions.last.map({ $0.row < run.row(of: unknown.step) }) ?? true
    {
      let count = Measure.plural(unknown.leaving.total, "token")
      return StyledLine(
        "not known: \(place(unknown.step)) \(count) remain, positions not recorded")
    }
    if places.modalities[position] == .text, decisions.allSatisfy(\.isKept) {
      return StyledLine(run.isReplay ? "text, never dropped" : "text, never dropped", .good)
    }
    guard let last = decisions.last, !last.isKept else {
      let done = run.ledger.current.count
      guard done > 0 else { return StyledLine("not run yet", .planned) }
      let step = run.step(at: done - 1)
      let place = run.layer(of: step) > 0 ? "after layer \(run.layer(of: step))" : "before layer 1"
      let byHand = decisions.contains { $0.byHand == .keep } ? " by hand" : ""
      return StyledLine(
        "kept\(byHand) \(run.isComplete ? "to the end" : place)\(absorbed(decisions))", .good)
    }
    return StyledLine(
      "dropped \(place(last.step)): \(reason(last, run, places, position))"
        + merged(last, run, places) + absorbed(decisions), .warning)
  }

  /// Text with the number of tokens merged into this one: `, absorbed 7 tokens`.
  private static func absorbed(_ decisions: [TokenDecision]) -> String {
    let count = decisions.reduce(0) { $0 + $1.absorbed }
    return count > 0 ? ", absorbed \(Measure.plural(count, "token"))" : ""
  }

  /// Text that names the token this one was merged into:
  /// `; merged into video token 12 (position 40), weight 0.5`.
  private static func merged(
    _ decision: TokenDecision, _ run: RunState, _ places: TokenSources
  ) -> String {
    guard let merge = decision.mergedInto, places.modalities.indices.contains(merge.survivor) else {
      return ""
    }
    let modality = places.modalities[merge.survivor]
    let alike = places.positions(like: merge.survivor).filter { places.modalities[$0] == modality }
    return "; merged into \(modality.rawValue) token \(alike.placeOfSorted(merge.survivor) + 1) "
      + "(position \(merge.survivor + 1)), weight \(Measure.decimal(Double(merge.weight), 2))"
  }

  private static func place(_ step: PrefillStep) -> String {
    switch step {
    case .encoders: "before Stage I"
    case .stage1: "at Stage I"
    case .layer(let layer): "after layer \(layer)"
    case .head: "at the head"
    }
  }

  private static func reason(
    _ decision: TokenDecision, _ run: RunState, _ places: TokenSources, _ position: Int
  ) -> String {
    if decision.byHand == .drop { return "by hand" }
    switch decision.drop {
    case .stage1:
      return run.isPlanKnown
        ? "not selected by \(run.stage1Summary)"
        : "not selected; rule not recorded"
    case .remove: return "late removal of all video and audio"
    case .prune: break
    }
    let rule = run.plan.boundary(afterLayer: run.layer(of: decision.step))?.rule
    let modality = places.modalities[position]
    if rule?.randomModalities.contains(modality) == true {
      return "\(modality.rawValue) chosen at random"
    }
    guard let score = decision.score else { return "no relevance recorded" }
    guard let cut = decision.cut else {
      return "no token of its modality kept"
    }
    guard rule?.choosesByScore != false else {
      return "by relevance and distance from kept tokens; its relevance is "
        + "\(percent(score)), lowest kept \(percent(cut.score))"
    }
    let among = decision.window.map { "in window \($0 + 1)" } ?? whole(places)
    let comparison = score < cut.score ? "below" : "equal to"
    return "relevance \(percent(score)) is \(comparison) \(percent(cut.score)), the lowest of the "
      + "\(cut.kept) kept of \(cut.of) \(among)"
  }

  private static func whole(_ places: TokenSources) -> String {
    places.clips.count > 1 ? "of the whole prompt" : "of the whole clip"
  }

  private static func line(_ decision: TokenDecision, _ run: RunState) -> StyledLine {
    var line = StyledLine()
    let layer = run.layer(of: decision.step)
    line.append(layer == 0 ? "Stage I" : "\(layer):", .title)
    if let score = decision.score {
      line.append(" \(percent(score))")
      if let cut = decision.cut {
        line.append(score < cut.score ? " < " : " ≥ ", .faint)
        line.append(percent(cut.score), .faint)
      }
    }
    line.append(decision.isKept ? " ✓ kept" : " ✕ dropped", decision.isKept ? .good : .warning)
    if decision.byHand != nil { line.append(" by hand", .strong) }
    if decision.absorbed > 0 { line.append(", absorbed \(decision.absorbed)") }
    if decision.mergedInto != nil { line.append(", merged", .faint) }
    return line
  }

  private static func percent(_ score: Float) -> String {
    String(format: "%.2g%%", Double(score) * 100)
  }
}
