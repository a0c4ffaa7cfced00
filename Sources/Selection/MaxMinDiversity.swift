import Tensors

/// DivPrune: greedy max-min diversity over all tokens of a modality.
///
/// The first token chosen is the one whose nearest neighbour is farthest; each next token is the
/// one farthest from those chosen. Distances are cosine distances; the first index wins ties.
/// O(n²·d) time for the first token, O(n·d) for each next one, O(n) memory in addition to the
/// features.
public struct MaxMinDiversity: Sendable {
  /// Share of the tokens to keep.
  public let ratio: Double

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
    var distances = Self.nearestNeighbours(unit)
    for round in 0..<count {
      guard let next = Self.farthest(distances, isChosen) else { break }
      isChosen[next] = true
      let similarities = unit.rows(next..<next + 1).timesTransposed(unit).elements
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

  /// Distance of each token to its nearest neighbour.
  private static func nearestNeighbours(_ unit: Tensor) -> [Float] {
    var nearest = [Float](repeating: .infinity, count: unit.rows)
    for start in stride(from: 0, to: unit.rows, by: 256) {
      let block = start..<min(start + 256, unit.rows)
      let similarities = unit.rows(block).timesTransposed(unit)
      for row in block {
        for (other, similarity) in similarities.row(row - start).enumerated() where other != row {
          nearest[row] = min(nearest[row], 1 - similarity)
        }
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
