import Tensors

/// Which survivor takes up each dropped token, and with which weight.
struct TokenAbsorption {
  /// Rows of the features that stay, ascending.
  let kept: [Int]
  /// Rows of the features that go.
  let dropped: [Int]
  /// Of each dropped row, which of `kept` takes it up.
  let targets: [Int]
  /// Of each dropped row.
  let weights: [Float]

  /// Rows compared at a time.
  static let block = 1024

  /// Each dropped row goes to the kept one of the largest cosine, plus `bonus`; the first of equals.
  /// - Parameters:
  ///   - unit: [tokens, width], rows of length 1.
  ///   - weight: of a dropped row, by its place among them and its cosine with its survivor.
  ///   - adjust: changes the cosines of a dropped row with all that are kept.
  init(
    unit: Tensor, kept: [Int], dropped: [Int], weight: (Int, Float) -> Float,
    adjust: (Int, inout ArraySlice<Float>) -> Void = { _, _ in }
  ) {
    (self.kept, self.dropped) = (kept, dropped)
    let survivors = unit.gatherRows(kept)
    var (targets, weights): ([Int], [Float]) = ([], [])
    for block in blocks(dropped.count, of: Self.block) where !kept.isEmpty {
      let cosines = unit.gatherRows(Array(dropped[block])).timesTransposed(survivors)
      for row in block {
        var entries = cosines.row(row - block.lowerBound)
        let first = entries.startIndex
        let plain = entries
        adjust(row, &entries)
        let best = peak(of: entries).column
        targets.append(best)
        weights.append(weight(row, plain[first + best]))
      }
    }
    (self.targets, self.weights) = (targets, weights)
  }

  /// FLOPs of the cosines.
  func flops(width: Int) -> Double {
    2 * Double(kept.count) * Double(dropped.count) * Double(width)
  }

  /// What the survivors become: `own`·itself + (1 − own)·(itself + Σ weight·dropped) / (1 + Σ weight).
  /// Only those that take something up are among the changed rows.
  /// - Parameters:
  ///   - features: [tokens, width].
  ///   - offsets: of each token in the sequence.
  func merged(_ features: Tensor, own: Float, offsets: [Int]) -> (ChangedRows, [TokenMerge]) {
    var sums = [Float](repeating: 1, count: kept.count)
    var isChanged = [Bool](repeating: false, count: kept.count)
    for (target, weight) in zip(targets, weights) {
      sums[target] += weight
      isChanged[target] = true
    }
    let changed = kept.indices.filter { isChanged[$0] }
    var places = [Int](repeating: 0, count: kept.count)
    for (place, target) in changed.enumerated() { places[target] = place }
    let before = features.gatherRows(changed.map { kept[$0] })
    var rows = before
    for block in blocks(targets.count, of: Self.block) {
      rows.addRows(
        features.gatherRows(Array(dropped[block])), to: targets[block].map { places[$0] },
        weights: Array(weights[block]))
    }
    rows = rows.multiplyingRows(by: changed.map { (1 - own) / sums[$0] })
    if own > 0 {
      rows.addRows(before, to: Array(changed.indices), weights: changed.map { _ in own })
    }
    let merges = zip(dropped, zip(targets, weights)).map { token, merge in
      let (target, weight) = merge
      return TokenMerge(
        token: offsets[token], survivor: offsets[kept[target]],
        weight: (1 - own) * weight / (own * sums[target] + 1 - own))
    }
    return (ChangedRows(offsets: changed.map { offsets[kept[$0]] }, rows: rows), merges)
  }
}
