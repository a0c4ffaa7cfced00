/// Distributes an integer over parts in proportion to weights, limited by each part's capacity.
///
/// The result sums exactly to `min(total, Σ capacities)`. What exceeds the capacity of a part is
/// given to the others in proportion; remainders go to the largest fractions. The first part wins
/// ties. If no weight is positive, capacities are the weights. O(n²) for n parts.
func apportion(_ total: Int, weights: [Double], capacities: [Int]) -> [Int] {
  precondition(weights.count == capacities.count, "\(weights.count) against \(capacities.count)")
  var shares = [Double](repeating: 0, count: weights.count)
  var open = capacities.indices.filter { capacities[$0] > 0 }
  var rest = Double(min(max(0, total), capacities.reduce(0, +)))
  while !open.isEmpty {
    let sum = open.reduce(0) { $0 + max(0, weights[$1]) }
    let capacity = open.reduce(0) { $0 + capacities[$1] }
    for part in open {
      let pull = sum > 0 ? max(0, weights[part]) / sum : Double(capacities[part]) / Double(capacity)
      shares[part] = rest * pull
    }
    let full = open.filter { shares[$0] >= Double(capacities[$0]) }
    guard !full.isEmpty else { break }
    for part in full {
      shares[part] = Double(capacities[part])
      rest -= shares[part]
    }
    open.removeAll { shares[$0] >= Double(capacities[$0]) }
  }
  return wholeShares(shares, total: total, capacities: capacities)
}

/// Rounds shares down, then gives the remainder to the largest fractions.
private func wholeShares(_ shares: [Double], total: Int, capacities: [Int]) -> [Int] {
  // A share that is just below an integer because of rounding errors counts as that integer.
  var whole = zip(shares, capacities).map { min($1, Int(($0 + 1e-9).rounded(.down))) }
  var missing = min(max(0, total), capacities.reduce(0, +)) - whole.reduce(0, +)
  let byFraction = shares.indices.sorted {
    (shares[$0] - Double(whole[$0]), $1) > (shares[$1] - Double(whole[$1]), $0)
  }
  while missing > 0 {
    for part in byFraction where missing > 0 && whole[part] < capacities[part] {
      whole[part] += 1
      missing -= 1
    }
  }
  return whole
}
