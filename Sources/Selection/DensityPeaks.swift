import Foundation
import Tensors

/// Density peaks (DPC-KNN, as OmniZip uses it within a grid): the tokens with the largest density ×
/// distance to any denser token. O(n²·d) for n tokens of width d.
struct DensityPeaks {
  /// Number of nearest neighbours from which the density is computed.
  static let neighbours = 5

  /// Offsets of the `count` highest density peaks, ascending; the first wins ties.
  /// - Parameter features: [tokens, width].
  static func select(_ count: Int, features: Tensor) -> [Int] {
    let n = features.rows
    guard count < n else { return Array(0..<n) }
    let unit = features.dividingRows(by: features.rowNorms().map { max($0, 1e-12) })
    let distances = unit.timesTransposed(unit).elements.map { 1 - $0 }
    let rows = (0..<n).map { row in
      (0..<n).filter { $0 != row }.map { (token: $0, distance: distances[row * n + $0]) }
    }
    let densities = rows.map { row in
      let near = row.map(\.distance).sorted().prefix(neighbours)
      return exp(-near.reduce(0, +) / Float(max(1, near.count)))
    }
    let scores = rows.enumerated().map { token, row in
      let denser = row.filter { densities[$0.token] > densities[token] }.map(\.distance).min()
      return densities[token] * (denser ?? row.map(\.distance).max() ?? 0)
    }
    return topScoring(count, of: Array(0..<n), by: scores)
  }
}
