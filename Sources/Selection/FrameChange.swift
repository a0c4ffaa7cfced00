import Tensors

/// Efficient Video Sampling: keeps the tokens that are least similar to the same place in the
/// previous temporal grid. O(n·width).
struct FrameChange {
  /// Share of the tokens to keep.
  let ratio: Double
  let gridTokens: Int

  /// Dissimilarity assigned to the tokens of the first grid: higher than any real one.
  static let first: Float = 255

  /// Number of kept tokens of `count`: max(P, ⌊n·(1 − q)⌋) with n = `count`, pruning rate q = 1 −
  /// `ratio`, and P tokens in a grid.
  static func keptCount(_ ratio: Double, of count: Int, gridTokens: Int) -> Int {
    guard ratio < 1 else { return count }
    let left = Double(count) * (1 - (1 - ratio))
    return min(count, max(gridTokens, left > 0 ? Int(left) : 0))
  }

  /// Selects the tokens least similar to the token at the same place in the previous grid; the
  /// first wins ties.
  /// - Parameter features: [tokens, width] in raster order.
  /// - Returns: indices of the kept tokens, ascending.
  func select(features: Tensor) -> [Int] {
    let grid = max(1, gridTokens)
    let count = Self.keptCount(ratio, of: features.rows, gridTokens: grid)
    guard count < features.rows else { return Array(0..<features.rows) }
    let norms = (0..<features.rows).map {
      max(features.dotProduct($0, $0).squareRoot(), 1e-8)
    }
    let changes = (0..<features.rows).map { token -> Float in
      guard token >= grid else { return Self.first }
      let before = token - grid
      return Float(1 - features.dotProduct(token, before) / (norms[token] * norms[before]))
    }
    return topScoring(count, of: Array(changes.indices), by: changes)
  }
}
