import Profiling
import Selection

/// Which tokens are still there after a step, and where the others went.
struct TokenFates: Sendable, Equatable {
  /// The ledger's row after which each position was dropped; nil while it is there.
  let droppedAfter: [Int?]
  /// The last row taken into account: the one asked for, or the last that has run.
  let row: Int

  /// - Parameter row: a row of the ledger; those not yet run change nothing.
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

/// What one boundary made of one token.
struct TokenVerdict: Sendable, Equatable {
  let row: Int
  let step: PrefillStep
  let drop: DropRecord.Kind
  let path: DropRecord.Path?
  let isKept: Bool
  /// Its relevance, where any was computed.
  let score: Float?
  /// The least relevance that was kept among those it competed with, and how many of how many
  /// they kept; nil where nothing was compared.
  let cut: (score: Float, kept: Int, of: Int)?
  /// The window it competed in, from 0; nil where the whole sequence competed.
  let window: Int?
  /// The token that took it up, and with which weight beside that one's own; nil where none did.
  let mergedInto: TokenMerge?
  /// Tokens that were merged into it here.
  let absorbed: Int

  static func == (a: TokenVerdict, b: TokenVerdict) -> Bool {
    a.row == b.row && a.isKept == b.isKept && a.score == b.score && a.window == b.window
      && a.cut?.score == b.cut?.score && a.cut?.kept == b.cut?.kept
      && a.mergedInto == b.mergedInto && a.absorbed == b.absorbed
  }
}

extension RunState {
  /// What every boundary so far made of a token, in order, until it was dropped.
  func verdicts(on position: Int) -> [TokenVerdict] {
    ledger.current.enumerated().compactMap { row, record in
      record.drop.flatMap { verdict($0, record.step, row, position) }
    }
  }

  private func verdict(
    _ drop: DropRecord, _ step: PrefillStep, _ row: Int, _ position: Int
  ) -> TokenVerdict? {
    guard let offset = drop.before.indexOfSorted(position) else { return nil }
    let score = drop.scores.indices.contains(offset) ? drop.scores[offset] : nil
    let rivals = score == nil ? nil : rivals(drop, offset, position)
    return TokenVerdict(
      row: row, step: step, drop: drop.kind, path: drop.path,
      isKept: drop.kept.indexOfSorted(position) != nil, score: score,
      cut: rivals.flatMap { cut(drop, $0.offsets) }, window: rivals?.window,
      mergedInto: drop.merges.first { $0.token == position },
      absorbed: drop.merges.count { $0.survivor == position })
  }

  /// The offsets of the tokens that a token competed with, itself included.
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
  /// Where an element stands in an ascending array, found by halving.
  func indexOfSorted(_ element: Element) -> Int? {
    let place = placeOfSorted(element)
    return place < count && self[place] == element ? place : nil
  }

  /// How many elements of an ascending array lie below one.
  func placeOfSorted(_ element: Element) -> Int {
    var (low, high) = (0, count)
    while low < high {
      let middle = (low + high) / 2
      if self[middle] < element { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
