import Tensors

/// DyCoke's temporal merging: keeps video tokens that change between temporal grids.
///
/// Grids are processed in groups of four. The first grid of a group is kept completely. Of the
/// second and fourth, the tokens least similar to the previous grid are kept; of the third, those
/// least similar to the first. If the budget is smaller than the first grids, only evenly spaced
/// tokens of these are kept. O(n·d).
public struct TemporalNovelty: Sendable {
  /// Share of the tokens to keep.
  public let ratio: Double
  /// Number of tokens in one temporal grid.
  public let gridTokens: Int

  static let group = 4

  public init(ratio: Double, gridTokens: Int) {
    self.ratio = ratio
    self.gridTokens = max(1, gridTokens)
  }

  /// Offsets of the kept tokens, ascending.
  /// - Parameter features: token features as they enter the decoder, [tokens, width], grid after
  ///   grid.
  public func select(features: Tensor) -> [Int] {
    let count = keepCount(ratio, of: features.rows)
    guard count < features.rows else { return Array(0..<features.rows) }
    let grids = stride(from: 0, to: features.rows, by: gridTokens).map {
      $0..<min($0 + gridTokens, features.rows)
    }
    let anchors = grids.indices.filter { $0 % Self.group == 0 }.flatMap { Array(grids[$0]) }
    guard count > anchors.count else {
      return (0..<count).map { anchors[$0 * anchors.count / count] }
    }
    let others = grids.indices.filter { $0 % Self.group != 0 }
    let sizes = others.map { grids[$0].count }
    let counts = apportion(
      count - anchors.count, weights: sizes.map(Double.init), capacities: sizes)
    let similarities = Self.similarities(features, gridTokens)
    let novel = zip(others, counts).flatMap { index, count in
      topScoring(count, of: Array(grids[index]), by: similarities.map(-))
    }
    return (anchors + novel).sorted()
  }

  /// Whether the budget is smaller than the first grids, so that these are thinned out.
  public static func thinsAnchors(_ ratio: Double, tokens: Int, gridTokens: Int) -> Bool {
    let grids = gridTokens > 0 ? (tokens + gridTokens - 1) / gridTokens : 0
    let anchors = min(tokens, (grids + group - 1) / group * gridTokens)
    return keepCount(ratio, of: tokens) < anchors
  }

  /// Cosine of each token with the token at the same place in its reference grid.
  private static func similarities(_ features: Tensor, _ gridTokens: Int) -> [Float] {
    let norms = features.rowNorms()
    return (0..<features.rows).map { token in
      let back = token / gridTokens % group == 2 ? 2 : 1
      let reference = token - back * gridTokens
      guard reference >= 0 else { return 0 }
      let product = zip(features.row(token), features.row(reference)).reduce(0) { $0 + $1.0 * $1.1 }
      return product / max(norms[token] * norms[reference], 1e-12)
    }
  }
}
