import Profiling
import Selection

/// Tokens left after a step, and the drop of each other token.
struct DropMap: Sendable, Equatable {
  /// Ledger row after which each position was dropped; nil if left.
  let droppedAfter: [Int?]
  /// The last row considered: the requested one, or the last finished one.
  let row: Int

  /// - Parameter row: a ledger row; future rows have no effect.
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

/// The result of one boundary for one token.
struct TokenDecision: Sendable, Equatable {
  let row: Int
  let step: PrefillStep
  let drop: DropRecord.Kind
  let path: DropRecord.Path?
  let isKept: Bool
  /// Its relevance, if computed.
  let score: Float?
  /// The lowest kept relevance among its competitors, and how many of them were kept; nil if
  /// nothing was compared.
  let cut: (score: Float, kept: Int, of: Int)?
  /// Its window, from 0; nil for the whole sequence.
  let window: Int?
  /// The survivor it was merged into, with its weight; nil without a merge.
  let mergedInto: TokenMerge?
  /// Number of tokens merged into it.
  let absorbed: Int

  static func == (a: TokenDecision, b: TokenDecision) -> Bool {
    a.row == b.row && a.isKept == b.isKept && a.score == b.score && a.window == b.window
      && a.cut?.score == b.cut?.score && a.cut?.kept == b.cut?.kept
      && a.mergedInto == b.mergedInto && a.absorbed == b.absorbed
  }
}

extension RunState {
  /// Results of all boundaries for a token, in order, until it was dropped.
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
      absorbed: drop.merges.count { $0.survivor == position })
  }

  /// Offsets of the tokens that a token competed with, including itself.
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
    let kept = offsets.filter { drop.kept.indexOfSorted(drop.before[$0]) != nil }
    let scores = kept.compactMap { drop.scores.indices.contains($0) ? drop.scores[$0] : nil }
    guard let least = scores.min() else { return nil }
    return (least, kept.count, offsets.count)
  }
}

extension Array where Element: Comparable {
  /// Index of an element in an ascending array, by binary search.
  func indexOfSorted(_ element: Element) -> Int? {
    let place = placeOfSorted(element)
    return place < count && self[place] == element ? place : nil
  }

  /// Number of smaller elements in an ascending array.
  func placeOfSorted(_ element: Element) -> Int {
    var (low, high) = (0, count)
    while low < high {
      let middle = (low + high) / 2
      if self[middle] < element { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
