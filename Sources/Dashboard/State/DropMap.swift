import Runs
import Selection

/// Which tokens are left after a step, and which step dropped each other token.
struct DropMap: Sendable, Equatable {
  /// For each position the ledger row after which it was dropped; nil if it is left.
  let droppedAfter: [Int?]
  /// The ledger row shown: the requested one, or the last finished one before it.
  let row: Int

  /// The state of all tokens after a ledger row.
  /// - Parameter row: the requested ledger row; rows of future steps change nothing.
  init(_ run: RunState, upTo row: Int) {
    let records = run.ledger.current
    self.row = min(row, records.count - 1)
    var dropped = [Int?](repeating: nil, count: run.subject?.prompt.modalities.count ?? 0)
    for (index, record) in records.prefix(max(0, row + 1)).enumerated() {
      guard let drop = record.drop else { continue }
      var next = 0
      for position in drop.before {
        if next < drop.kept.count, drop.kept[next] == position {
          next += 1
        } else if dropped.indices.contains(position) {
          dropped[position] = index
        }
      }
    }
    droppedAfter = dropped
  }

  func isThere(_ position: Int) -> Bool { droppedAfter[position] == nil }
}

/// What one boundary did with one token.
struct TokenDecision: Sendable, Equatable {
  let row: Int
  let step: PrefillStep
  let drop: DropRecord.Kind
  let path: DropRecord.Path?
  let isKept: Bool
  /// Relevance of the token; nil if the boundary computed none.
  let score: Float?
  /// The lowest relevance kept among the tokens it was compared with, how many of them were kept,
  /// and their number; nil if nothing was compared.
  let cut: (score: Float, kept: Int, of: Int)?
  /// Index of the token's window, from 0; nil if the whole sequence was compared.
  let window: Int?
  /// The kept token that this one was merged into, with its weight; nil if it was not merged.
  let mergedInto: TokenMerge?
  /// Number of tokens merged into this one.
  let absorbed: Int
  /// What was chosen for the token by hand; nil if the method decided.
  let byHand: ForcedTokens.Choice?

  static func == (a: TokenDecision, b: TokenDecision) -> Bool {
    a.row == b.row && a.isKept == b.isKept && a.score == b.score && a.window == b.window
      && a.cut?.score == b.cut?.score && a.cut?.kept == b.cut?.kept
      && a.mergedInto == b.mergedInto && a.absorbed == b.absorbed
  }
}

extension RunState {
  /// What each boundary did with a token, in order, up to its drop.
  func decisions(on position: Int) -> [TokenDecision] {
    ledger.current.enumerated().compactMap { row, record in
      record.drop.flatMap { decision($0, record.step, row, position) }
    }
  }

  private func decision(
    _ drop: DropRecord, _ step: PrefillStep, _ row: Int, _ position: Int
  ) -> TokenDecision? {
    guard let offset = drop.before.indexOfSorted(position) else { return nil }
    let score = drop.scores.indices.contains(offset) ? drop.scores[offset] : nil
    let rivals = score == nil ? nil : rivals(drop, offset, position)
    return TokenDecision(
      row: row, step: step, drop: drop.kind, path: drop.path,
      isKept: drop.kept.indexOfSorted(position) != nil, score: score,
      cut: rivals.flatMap { cut(drop, $0.offsets) }, window: rivals?.window,
      mergedInto: drop.merges.first { $0.token == position },
      absorbed: drop.merges.count { $0.survivor == position },
      byHand: drop.kind == .remove ? nil : choiceByHand(position))
  }

  /// What was chosen for a token by hand; nil if the method decides.
  func choiceByHand(_ position: Int) -> ForcedTokens.Choice? {
    guard let places, places.modalities.indices.contains(position) else { return nil }
    return settings.forced[places.modalities[position], places.ordinalInPrompt(position)]
  }

  /// Offsets of the tokens that a token was compared with, including itself.
  private func rivals(
    _ drop: DropRecord, _ offset: Int, _ position: Int
  ) -> (offsets: [Int], window: Int?)? {
    guard let places, drop.kind == .prune else { return nil }
    let modalities = places.modalities
    let modality = modalities[position]
    guard modality != .text else { return nil }
    let present = drop.before.map { $0 < modalities.count ? modalities[$0] : .text }
    guard drop.path == .windows else {
      return (present.indices.filter { present[$0] == modality }, nil)
    }
    let clips = places.clipOfToken
    let windows = TemporalWindows(
      present,
      clips: clips.isEmpty ? [] : drop.before.map { $0 < clips.count ? clips[$0] : nil }
    ).windows
    guard let window = windows.firstIndex(where: { $0[modality].contains(offset) }) else {
      return nil
    }
    return (Array(windows[window][modality]), window)
  }

  private func cut(_ drop: DropRecord, _ offsets: [Int]) -> (score: Float, kept: Int, of: Int)? {
    // Tokens kept by hand are not part of what the rule keeps.
    let kept = offsets.filter {
      drop.kept.indexOfSorted(drop.before[$0]) != nil
        && (settings.forced.kept.isEmpty || choiceByHand(drop.before[$0]) == nil)
    }
    let scores = kept.compactMap { drop.scores.indices.contains($0) ? drop.scores[$0] : nil }
    guard let least = scores.min() else { return nil }
    return (least, kept.count, offsets.count)
  }
}

extension Array where Element: Comparable {
  /// Index of an element in an ascending array by binary search; nil if it is not there.
  func indexOfSorted(_ element: Element) -> Int? {
    let place = placeOfSorted(element)
    return place < count && self[place] == element ? place : nil
  }

  /// Number of elements smaller than `element` in an ascending array, by binary search.
  func placeOfSorted(_ element: Element) -> Int {
    var (low, high) = (0, count)
    while low < high {
      let middle = (low + high) / 2
      if self[middle] < element { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
