import Foundation
import Tensors

/// Selects the centres of density peaks among some tokens, by feature and positional distance
/// (OmniPack, Stage I).
///
/// O(m²·width) for m tokens, each pair computed once, in blocks: no m × m matrix is stored.
/// Distances to denser tokens are taken from the nearest neighbours, and computed over all tokens
/// only if no neighbour is denser.
struct DensityCentres {
  /// Number of nearest neighbours from which the density is computed.
  static let neighbours = 7
  /// Weight of the positional distance relative to the feature distance.
  static let placeShare: Float = 0.20
  /// Weight of salience relative to density.
  static let salienceShare: Float = 0.35
  /// Number of tokens in a block, whose matrix of cosines takes 4 MiB.
  static let block = 1024

  /// Indices of the candidate tokens within their modality, ascending.
  let pool: [Int]
  /// Features of all tokens of the modality, rows of length 1: [tokens, width].
  let unit: Tensor
  let places: TokenPlaces
  /// Salience of every token of the modality.
  let salience: [Float]
  /// 1 / (largest positional distance to any candidate + 10⁻⁶), for each candidate.
  private let placeScales: [Float]

  init(pool: [Int], unit: Tensor, places: TokenPlaces, salience: [Float]) {
    (self.pool, self.unit, self.places, self.salience) = (pool, unit, places, salience)
    placeScales = Self.placeScales(pool.map { places.points[$0] })
  }

  private static func placeScales(_ points: [SIMD4<Float>]) -> [Float] {
    var farthest = [Float](repeating: 0, count: points.count)
    for first in points.indices {
      let point = points[first]
      var largest = farthest[first]
      for second in first..<points.count {
        let difference = point - points[second]
        let square = (difference * difference).sum()
        largest = max(largest, square)
        if square > farthest[second] { farthest[second] = square }
      }
      farthest[first] = largest
    }
    return farthest.map { 1 / ($0.squareRoot() + 1e-6) }
  }

  /// Selects the `count` candidates with the largest density × distance to any denser token; the
  /// first wins ties.
  /// - Returns: indices within the modality, ascending, and FLOPs executed.
  func select(_ count: Int) -> (tokens: [Int], flops: Double) {
    guard count < pool.count else { return (pool, 0) }
    guard count > 0 else { return ([], 0) }
    var flops = 0.0
    let nearest = nearestNeighbours(&flops)
    let densities = densities(nearest)
    let peaks = distancesFromDenser(nearest, densities, &flops)
    let scores = zip(densities, peaks).map { $0 * $1 }
    return (topScoring(count, of: Array(pool.indices), by: scores).map { pool[$0] }, flops)
  }

  private func densities(_ nearest: NearestNeighbours) -> [Float] {
    let salience = minMaxScaled(pool.map { self.salience[$0] })
    return pool.indices.map { token in
      let near = nearest.distances(of: token)
      let mean = near.reduce(0) { $0 + $1 * $1 } / Float(max(1, near.count))
      return exp(-mean) * (1 + Self.salienceShare * salience[token]) + 1e-12 * Float(token)
    }
  }
}

extension DensityCentres {
  private func rows(_ tokens: some Sequence<Int>) -> Tensor {
    unit.gatherRows(tokens.map { pool[$0] })
  }

  /// Distance between two candidates: 1 − cosine + 0.20 · positional distance, scaled by the
  /// largest positional distance of the first.
  private func distance(_ first: Int, _ place: Float, _ cosine: Float) -> Float {
    1 - cosine + Self.placeShare * place * placeScales[first]
  }

  private func nearestNeighbours(_ flops: inout Double) -> NearestNeighbours {
    var nearest = NearestNeighbours(
      tokens: pool.count, neighbours: min(Self.neighbours, pool.count - 1))
    let blocks = blocks(pool.count, of: Self.block)
    for (index, block) in blocks.enumerated() {
      let rows = rows(block)
      for other in blocks[index...] {
        let cosines = rows.timesTransposed(other == block ? rows : self.rows(other)).elements
        flops += 2 * Double(block.count) * Double(other.count) * Double(unit.columns)
        for first in block {
          let start = (first - block.lowerBound) * other.count - other.lowerBound
          for second in max(first + 1, other.lowerBound)..<max(first + 1, other.upperBound) {
            let cosine = cosines[start + second]
            let place = places.distance(pool[first], pool[second])
            nearest.insert(second, at: distance(first, place, cosine), of: first)
            nearest.insert(first, at: distance(second, place, cosine), of: second)
          }
        }
      }
    }
    return nearest
  }

  /// For each candidate, the smallest distance to a denser one; for those without, the largest
  /// distance to any.
  private func distancesFromDenser(
    _ nearest: NearestNeighbours, _ densities: [Float], _ flops: inout Double
  ) -> [Float] {
    var distances = pool.indices.map { token in
      nearest.first(of: token) { densities[$0] > densities[token] }
    }
    let open = distances.indices.filter { distances[$0] == nil }
    for tokens in blocks(open.count, of: Self.block) {
      let tokens = Array(open[tokens])
      let rows = rows(tokens)
      var least = [Float](repeating: .infinity, count: tokens.count)
      var most = [Float](repeating: 0, count: tokens.count)
      for other in blocks(pool.count, of: Self.block) {
        let cosines = rows.timesTransposed(self.rows(other)).elements
        flops += 2 * Double(tokens.count) * Double(other.count) * Double(unit.columns)
        for (row, first) in tokens.enumerated() {
          for second in other where second != first {
            let cosine = cosines[row * other.count + second - other.lowerBound]
            let distance = distance(first, places.distance(pool[first], pool[second]), cosine)
            most[row] = max(most[row], distance)
            if densities[second] > densities[first] { least[row] = min(least[row], distance) }
          }
        }
      }
      for (row, token) in tokens.enumerated() {
        distances[token] = least[row] == .infinity ? most[row] : least[row]
      }
    }
    return distances.map { $0 ?? 0 }
  }
}

/// The nearest neighbours of every token found so far, nearest first.
private struct NearestNeighbours {
  private let neighbours: Int
  private var distances: [Float]
  private var tokens: [Int32]

  init(tokens count: Int, neighbours: Int) {
    self.neighbours = neighbours
    distances = [Float](repeating: .infinity, count: count * neighbours)
    tokens = [Int32](repeating: -1, count: count * neighbours)
  }

  mutating func insert(_ other: Int, at distance: Float, of token: Int) {
    let start = token * neighbours
    var place = start + neighbours - 1
    guard place >= start, distance < distances[place] else { return }
    while place > start, distance < distances[place - 1] {
      distances[place] = distances[place - 1]
      tokens[place] = tokens[place - 1]
      place -= 1
    }
    distances[place] = distance
    tokens[place] = Int32(other)
  }

  func distances(of token: Int) -> ArraySlice<Float> {
    distances[token * neighbours..<(token + 1) * neighbours]
  }

  /// Distance to the nearest neighbour of a token that satisfies the condition; nil if none does.
  func first(of token: Int, where isWanted: (Int) -> Bool) -> Float? {
    let places = token * neighbours..<(token + 1) * neighbours
    return places.first { tokens[$0] >= 0 && isWanted(Int(tokens[$0])) }.map { distances[$0] }
  }
}
