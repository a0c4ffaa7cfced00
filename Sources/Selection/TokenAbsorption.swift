import Tensors

/// Assignment of dropped tokens to survivors, with weights.
struct TokenAbsorption {
  /// Rows kept, ascending.
  let kept: [Int]
  /// Rows dropped.
  let dropped: [Int]
  /// Index into `kept` of the survivor of each dropped row.
  let targets: [Int]
  /// Weight of each dropped row.
  let weights: [Float]

  /// Rows compared at a time.
  static let block = 1024

  /// Each dropped row is assigned to the kept row of the largest cosine, plus `bonus`; the first
  /// wins ties.
  /// - Parameters:
  ///   - unit: [tokens, width], rows of length 1.
  ///   - weight: weight of a dropped row, from its index and its cosine with the survivor.
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

  /// FLOPs of the cosines.
  func flops(width: Int) -> Double {
    2 * Double(kept.count) * Double(dropped.count) * Double(width)
  }

  /// Features of the survivors: `own`·itself + (1 − own)·(itself + Σ weight·dropped) / (1 + Σ
  /// weight). Changed rows are those of survivors with merged tokens.
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
