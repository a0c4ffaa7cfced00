import Tensors

/// SEATS Stage I (winDivPrune): in each temporal window, a greedy selection of tokens that are far
/// from each other and receive much attention.
///
/// Distances are cosine distances between token features; each column is weighted by the attention
/// that its token received. O(Σ n²·d) time and O(n²) memory for windows of n tokens.
public struct WindowedDiversity: Sendable {
  /// Share of each window's tokens to keep.
  public let ratio: Double
  /// Number of tokens per window; the last window may be shorter.
  public let windowTokens: Int

  public init(ratio: Double, windowTokens: Int) {
    self.ratio = ratio
    self.windowTokens = max(1, windowTokens)
  }

  /// Offsets of the kept tokens, ascending.
  /// - Parameters:
  ///   - features: token features as they enter the decoder, [tokens, width].
  ///   - attention: attention received in the last encoder layer, [tokens].
  public func select(features: Tensor, attention: [Float]) -> [Int] {
    select(WindowDistances(of: features), attention: attention)
  }

  /// The offsets kept, ascending.
  /// - Parameters:
  ///   - distances: within windows of `windowTokens` tokens.
  ///   - attention: [tokens], attention received in the last encoder layer.
  public func select(_ distances: WindowDistances, attention: [Float]) -> [Int] {
    precondition(distances.tokens == attention.count, "\(distances.tokens), \(attention.count)")
    return stride(from: 0, to: distances.tokens, by: windowTokens).flatMap { start in
      let window = start..<min(start + windowTokens, distances.tokens)
      let count = keepCount(ratio, of: window.count)
      guard count < window.count else { return Array(window) }
      let distances = Self.weighted(distances.within(window), attention[window])
      return Self.spread(count, distances, window.count).map { start + $0 }
    }
  }

  /// FLOPs of the distance matrices; a multiply-add counts 2.
  public func flops(tokens: Int, width: Int) -> Double {
    let (whole, rest) = (tokens / windowTokens, tokens % windowTokens)
    let pairs = whole * windowTokens * windowTokens + rest * rest
    return ratio < 1 ? 2 * Double(pairs) * Double(width) : 0
  }

  /// Weighted distance matrix of a window, [n, n], row-major: (1 − cos(i, j)) × attention of j ×
  /// 10⁶.
  static func distances(_ features: Tensor, _ attention: ArraySlice<Float>) -> [Float] {
    weighted(WindowDistances.cosine(features), attention)
  }

  private static func weighted(_ distances: [Float], _ attention: ArraySlice<Float>) -> [Float] {
    var distances = distances
    let weights = attention.map { $0 * 1e6 }
    let n = weights.count
    for row in 0..<n {
      for column in 0..<n { distances[row * n + column] *= weights[column] }
    }
    return distances
  }

  /// Greedy max-min selection of `count` of n columns, ascending; the first index wins ties.
  static func spread(_ count: Int, _ distances: [Float], _ n: Int) -> [Int] {
    var isChosen = [Bool](repeating: false, count: n)
    var nearest = secondSmallestPerColumn(distances, n)
    for round in 0..<count {
      guard let best = farthest(nearest, excluding: isChosen) else { break }
      isChosen[best] = true
      if round == 0 { nearest = Array(repeating: .infinity, count: n) }
      for column in 0..<n { nearest[column] = min(nearest[column], distances[best * n + column]) }
    }
    return isChosen.indices.filter { isChosen[$0] }
  }

  private static func farthest(_ nearest: [Float], excluding isChosen: [Bool]) -> Int? {
    var best: Int?
    for column in nearest.indices where !isChosen[column] {
      if let current = best, nearest[column] <= nearest[current] { continue }
      best = column
    }
    return best
  }

  private static func secondSmallestPerColumn(_ distances: [Float], _ n: Int) -> [Float] {
    var smallest = [Float](repeating: .infinity, count: n)
    var second = smallest
    for row in 0..<n {
      for column in 0..<n {
        let value = distances[row * n + column]
        if value < smallest[column] {
          second[column] = smallest[column]
          smallest[column] = value
        } else if value < second[column] {
          second[column] = value
        }
      }
    }
    return second
  }
}
