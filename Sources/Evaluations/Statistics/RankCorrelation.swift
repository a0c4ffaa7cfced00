/// Rank correlation of two series.
public enum RankCorrelation {
  /// Spearman's ρ: the Pearson correlation of the ranks; equal values have the mean of their ranks.
  /// - Returns: a value from −1 to 1; nil if a series has fewer than two values or is constant.
  public static func spearman(_ first: [Double], _ second: [Double]) -> Double? {
    precondition(first.count == second.count, "\(first.count) against \(second.count)")
    guard !(first + second).contains(where: \.isNaN) else { return nil }
    let (one, other) = (ranks(first), ranks(second))
    // The mean of all ranks is (n + 1) / 2, with or without ties.
    let mean = Double(first.count + 1) / 2
    var (product, squares, otherSquares) = (0.0, 0.0, 0.0)
    for (a, b) in zip(one, other) {
      product += (a - mean) * (b - mean)
      squares += (a - mean) * (a - mean)
      otherSquares += (b - mean) * (b - mean)
    }
    guard squares > 0, otherSquares > 0 else { return nil }
    return min(1, max(-1, product / (squares * otherSquares).squareRoot()))
  }

  /// The rank of each value, from 1 for the smallest; equal values have the mean of their ranks.
  static func ranks(_ values: [Double]) -> [Double] {
    let order = values.indices.sorted { (values[$0], $0) < (values[$1], $1) }
    var ranks = [Double](repeating: 0, count: values.count)
    var start = 0
    while start < order.count {
      var end = start + 1
      while end < order.count, values[order[end]] == values[order[start]] { end += 1 }
      for place in start..<end { ranks[order[place]] = Double(start + 1 + end) / 2 }
      start = end
    }
    return ranks
  }
}
