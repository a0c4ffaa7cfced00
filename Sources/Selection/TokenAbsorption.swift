import Tensors

/// Assigns dropped tokens to kept ones, with weights, to merge their features.
struct TokenAbsorption {
  /// Indices of the kept rows, ascending.
  let kept: [Int]
  /// Indices of the dropped rows.
  let dropped: [Int]
  /// Index into `kept` of the row into which each dropped row is merged.
  let targets: [Int]
  /// Weight of each dropped row in the merge.
  let weights: [Float]

  /// Number of rows that are compared at a time.
  static let block = 1024

  /// Assigns each dropped row to the kept row with the largest cosine, after `adjust`; the first
  /// wins ties.
  /// - Parameters:
  ///   - unit: features as rows of length 1, [tokens, width].
  ///   - weight: weight of a dropped row, from its index and its cosine with the kept row.
  ///   - adjust: modifies the cosines of a dropped row with all kept rows.
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

  /// FLOPs of the cosines; a multiply-add counts 2.
  func flops(width: Int) -> Double {
    2 * Double(kept.count) * Double(dropped.count) * Double(width)
  }

  /// Features of the kept tokens after merging: `own`·itself + (1 − own)·(itself + Σ
  /// weight·dropped) / (1 + Σ weight). The changed rows are those of kept tokens with merged ones.
  /// - Parameters:
  ///   - features: [tokens, width].
  ///   - offsets: offset of each token in the sequence.
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
