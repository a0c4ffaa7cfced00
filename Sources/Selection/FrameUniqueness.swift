import Foundation
import Tensors

/// VidCom²: keeps the tokens least similar to their video and temporal grid; grids that are less
/// similar to the video keep more tokens. O(n·width).
struct FrameUniqueness {
  /// Share of the tokens to keep.
  let ratio: Double
  let gridTokens: Int

  /// Widths α of the Gaussian kernels that measure similarity.
  static let widths = [0.125, 0.25, 0.5, 1, 2]
  /// Temperature of the softmax over temporal grids.
  static let temperature = 0.01

  /// The selected tokens of a modality.
  struct Outcome: Equatable {
    /// Indices of the kept tokens, ascending.
    let kept: [Int]
    /// Keep ratio of each temporal grid.
    let ratios: [Double]
  }

  /// Selects the tokens of each grid that are least similar to the video and to the grid; the first
  /// wins ties.
  /// - Parameter features: [tokens, width] in raster order.
  func select(features: Tensor) -> Outcome {
    let grids = blocks(features.rows, of: gridTokens)
    guard ratio < 1 else {
      return Outcome(kept: Array(0..<features.rows), ratios: grids.map { _ in 1 })
    }
    let rows = Self.quietRows(features)
    let all = Self.likeness(of: rows, 0..<features.rows)
    let inGrid = grids.flatMap { Self.likeness(of: rows, $0) }
    let ratios = ratios(
      grids.map { grid in
        -all[grid].reduce(0, +) / Double(grid.count)
      })
    let uniqueness = zip(all, inGrid).map { Float(-($0 + $1)) }
    let kept = zip(grids, ratios).flatMap { grid, ratio in
      topScoring(
        keepCount(ratio.isNaN ? 0 : ratio, of: grid.count), of: Array(grid), by: uniqueness)
    }
    return Outcome(kept: kept, ratios: ratios)
  }

  /// Keep ratio of each grid: min(1, R·(1 + p − mean p)), where p is the softmax of the grids'
  /// dissimilarity from the video.
  private func ratios(_ uniqueness: [Double]) -> [Double] {
    let peak = uniqueness.max() ?? 0
    let exponentials = uniqueness.map { exp(($0 - peak) / Self.temperature) }
    let sum = exponentials.reduce(0, +)
    let mean = 1 / Double(max(1, uniqueness.count))
    return exponentials.map { min(1, ratio * (1 + $0 / sum - mean)) }
  }

  /// Each token's features in the half of the channels that has the lowest variance, as rows of
  /// length 1 in double precision.
  private static func quietRows(_ features: Tensor) -> [[Double]] {
    let (count, width, elements) = (features.rows, features.columns, features.elements)
    var means = [Double](repeating: 0, count: width)
    for row in 0..<count {
      for column in 0..<width { means[column] += Double(elements[row * width + column]) }
    }
    for column in means.indices { means[column] /= Double(max(1, count)) }
    var variances = [Double](repeating: 0, count: width)
    for row in 0..<count {
      for column in 0..<width {
        let difference = Double(elements[row * width + column]) - means[column]
        variances[column] += difference * difference
      }
    }
    let quiet = variances.indices.sorted { (variances[$0], $0) < (variances[$1], $1) }
      .prefix(width / 2).sorted()
    return (0..<count).map { row in
      let values = quiet.map { Double(elements[row * width + $0]) }
      let norm = max(values.reduce(0) { $0 + $1 * $1 }.squareRoot(), 1e-12)
      return values.map { $0 / norm }
    }
  }

  /// Similarity of each row of a range to the range's mean: Σ over α of exp(−|x − mean|² / 2α).
  private static func likeness(of rows: [[Double]], _ range: Range<Int>) -> [Double] {
    var centre = [Double](repeating: 0, count: rows[range].first?.count ?? 0)
    for row in rows[range] {
      for column in centre.indices { centre[column] += row[column] }
    }
    for column in centre.indices { centre[column] /= Double(range.count) }
    return rows[range].map { row in
      let square = centre.indices.reduce(0) {
        $0 + (row[$1] - centre[$1]) * (row[$1] - centre[$1])
      }
      return widths.reduce(0) { $0 + exp(-square / (2 * $1)) }
    }
  }
}
