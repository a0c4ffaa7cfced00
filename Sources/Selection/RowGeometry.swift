import Tensors

extension Tensor {
  /// The rows scaled to unit length; zero rows are unchanged.
  func unitRows() -> Tensor { dividingRows(by: rowNorms().map { max($0, 1e-12) }) }

  /// The mean of all rows, [1, columns]; zeros if there are no rows.
  func meanRow() -> Tensor {
    Tensor([1, columns], columnSums().map { $0 / Float(max(1, rows)) })
  }

  /// Dot product of two rows, summed in double precision.
  func dotProduct(_ first: Int, _ second: Int) -> Double {
    let (a, b) = (first * columns, second * columns)
    return (0..<columns).reduce(0) { $0 + Double(elements[a + $1]) * Double(elements[b + $1]) }
  }
}

/// Cosine of two vectors from their dot product and norms; 10⁻⁶ avoids a division by zero.
func cosine(_ dot: Double, _ firstNorm: Double, _ secondNorm: Double) -> Float {
  Float(dot / (firstNorm * secondNorm + 1e-6))
}

/// Scales values to 0…1: (x − min) / (max − min + 10⁻⁶).
func minMaxScaled(_ values: [Float]) -> [Float] {
  guard let least = values.min(), let most = values.max() else { return [] }
  let span = most - least + 1e-6
  return values.map { ($0 - least) / span }
}

/// Column and value of the largest entry of a row; the first wins ties.
func peak(of entries: ArraySlice<Float>) -> (column: Int, value: Float) {
  let best = entries.indices.dropFirst().reduce(entries.startIndex) {
    entries[$1] > entries[$0] ? $1 : $0
  }
  return (best - entries.startIndex, entries[best])
}

/// Consecutive ranges of `size` within 0..<count; the last range may be shorter.
func blocks(_ count: Int, of size: Int) -> [Range<Int>] {
  stride(from: 0, to: count, by: max(1, size)).map { $0..<min($0 + max(1, size), count) }
}

/// Positions of tokens within their modality, each coordinate scaled to 0…1.
struct TokenPlaces {
  let points: [SIMD4<Float>]

  /// Positions (time, row, column) of `count` video tokens in raster order.
  init(video count: Int, gridTokens: Int, columns: Int) {
    let (grid, columns) = (max(1, gridTokens), max(1, columns))
    let raw = (0..<count).map { token in
      let inside = token % grid
      return SIMD4<Float>(
        Float(token / grid), Float(inside / columns), Float(inside % columns), 0)
    }
    let largest = raw.reduce(SIMD4<Float>(repeating: 0)) { pointwiseMax($0, $1) }
    points = raw.map { $0 / pointwiseMax(largest, SIMD4(repeating: 1)) }
  }

  /// Positions (time) of `count` audio tokens.
  init(audio count: Int) {
    points = (0..<count).map { SIMD4(Float($0) / Float(max(1, count - 1)), 0, 0, 0) }
  }

  func distance(_ first: Int, _ second: Int) -> Float {
    let difference = points[first] - points[second]
    return (difference * difference).sum().squareRoot()
  }
}
