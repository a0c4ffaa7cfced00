import Tensors

/// DivPrune: greedy max-min diversity over all tokens of a modality.
///
/// The first token chosen is the one whose nearest neighbour is farthest; each next token is the
/// one farthest from those chosen. Distances are cosine distances; the first index wins ties.
/// O(n²·d) time for the first token, O(n·d) for each next one, O(n) memory in addition to the
/// features; above `blockedTokens` tokens at most 256 MiB, for the cosines of likely candidates, which
/// are computed together.
public struct MaxMinDiversity: Sendable {
  /// Share of the tokens to keep.
  public let ratio: Double
  /// Above this number of tokens, rows of cosines are computed in blocks, which may round otherwise.
  static let blockedTokens = 4096

  public init(ratio: Double) {
    self.ratio = ratio
  }

  /// Offsets of the kept tokens, ascending.
  /// - Parameter features: token features as they enter the decoder, [tokens, width].
  public func select(features: Tensor) -> [Int] {
    let count = keepCount(ratio, of: features.rows)
    guard count < features.rows else { return Array(0..<features.rows) }
    let unit = features.dividingRows(by: features.rowNorms().map { $0 + 1e-8 })
    var isChosen = [Bool](repeating: false, count: features.rows)
    let isBlocked = features.rows > Self.blockedTokens
    var distances = Self.nearestNeighbours(unit)
    var rows = CosineRows(unit)
    for round in 0..<count {
      guard let next = Self.farthest(distances, isChosen) else { break }
      isChosen[next] = true
      let similarities =
        isBlocked
        ? rows.row(of: next, scores: distances, isTaken: isChosen)
        : unit.rows(next..<next + 1).timesTransposed(unit).elements
      for (offset, similarity) in similarities.enumerated() {
        let distance = 1 - similarity
        distances[offset] = round == 0 ? distance : min(distances[offset], distance)
      }
    }
    return isChosen.indices.filter { isChosen[$0] }
  }

  /// FLOPs of the distances; a multiply-add counts 2.
  public func flops(tokens: Int, width: Int) -> Double {
    guard ratio < 1 else { return 0 }
    let pairs = tokens * (tokens + keepCount(ratio, of: tokens))
    return 2 * Double(pairs) * Double(width)
  }

  /// Distance of each token to its nearest neighbour. Each pair is compared once, so that two tokens that are each
  /// other's nearest have equal distances and the first wins, whatever the order of the sums in a product.
  static func nearestNeighbours(_ unit: Tensor) -> [Float] {
    var nearest = [Float](repeating: .infinity, count: unit.rows)
    for block in blocks(unit.rows, of: 512) {
      let others = block.lowerBound..<unit.rows
      let similarities = unit.rows(block).timesTransposed(unit.rows(others))
      for row in block {
        var own = nearest[row]
        let entries = similarities.row(row - block.lowerBound)
        for other in row + 1..<unit.rows {
          let distance = 1 - entries[entries.startIndex + other - block.lowerBound]
          own = min(own, distance)
          if distance < nearest[other] { nearest[other] = distance }
        }
        nearest[row] = own
      }
    }
    return nearest
  }

  private static func farthest(_ distances: [Float], _ isChosen: [Bool]) -> Int? {
    var best: Int?
    for offset in distances.indices where !isChosen[offset] {
      if let current = best, distances[offset] <= distances[current] { continue }
      best = offset
    }
    return best
  }
}
