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

  /// The merges, and the kept tokens that they change: `own`·itself + (1 − own)·(itself + Σ weight·dropped) /
  /// (1 + Σ weight).
  /// - Parameter offsets: offset of each token in the sequence.
  func merged(own: Float, offsets: [Int]) -> (ChangedRows, [TokenMerge]) {
    var sums = [Float](repeating: 1, count: kept.count)
    for (target, weight) in zip(targets, weights) { sums[target] += weight }
    // Relative to 1 for the kept token, so that the result is their mean.
    let merges = zip(dropped, zip(targets, weights)).map { token, merge in
      let (target, weight) = merge
      return TokenMerge(
        token: offsets[token], survivor: offsets[kept[target]],
        weight: (1 - own) * weight / (own * sums[target] + 1 - own))
    }
    return (ChangedRows(merges) { 1 / (1 + $0) }, merges)
  }
}
