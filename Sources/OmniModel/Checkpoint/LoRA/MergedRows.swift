import Tensors

/// A weight matrix merged with LoRA, W + s · B · A, row by row in single precision. With DoRA each
/// row is then scaled to its magnitude.
struct MergedRows: RowSource {
  let base: StoredTensor
  let low: LowRank

  var columns: Int { base.shape.last ?? 1 }

  func write(_ rows: Range<Int>, to floats: UnsafeMutablePointer<Float>) {
    base.write(rows, to: floats)
    let (left, right) = (low.left(rows), low.right())
    let lengths = low.lengths.map { $0.numbers(rows) }
    let columns = columns
    withUnsafeTemporaryAllocation(of: Float.self, capacity: max(1, columns)) { sums in
      guard let sums = sums.baseAddress else { return }
      right.withUnsafeBufferPointer { right in
        guard let right = right.baseAddress else { return }
        for row in 0..<rows.count {
          let numbers = floats + row * columns
          sums.initialize(repeating: 0, count: columns)
          for place in 0..<low.rank {
            let factor = left[row * low.rank + place]
            let line = right + place * columns
            for column in 0..<columns { sums[column] += factor * line[column] }
          }
          for column in 0..<columns { numbers[column] += low.scale * sums[column] }
          if let lengths { Self.stretch(numbers, columns, to: lengths[row]) }
        }
      }
    }
  }

  private static func stretch(
    _ numbers: UnsafeMutablePointer<Float>, _ count: Int, to length: Float
  ) {
    var squares = 0.0
    for column in 0..<count { squares += Double(numbers[column]) * Double(numbers[column]) }
    let factor = length / Float(squares.squareRoot())
    for column in 0..<count { numbers[column] *= factor }
  }

  var files: [FileRange] { base.files }

  func release() { base.release() }
}

/// The two low-rank factors A and B of an adapted matrix.
struct LowRank: Sendable {
  /// Factors of linear layers: A [rank, inputs] and B [outputs, rank]. Of embeddings: A [rank,
  /// rows] and B [columns, rank].
  let a, b: StoredTensor
  let isEmbedding: Bool
  let scale: Float
  /// DoRA magnitudes of the rows, [outputs]; nil without DoRA.
  let lengths: StoredTensor?
  /// The part of fused factors that belongs to this matrix; nil if the factors are not fused.
  var part: Part?

  struct Part: Sendable {
    let rank: Int
    /// First row of A that belongs to the matrix.
    let first: Int
    /// Rows of B that belong to the matrix.
    let rows: Range<Int>
    /// Columns of B that belong to the matrix: `column`, `column + stride`, and so on.
    let stride, column: Int
  }

  var rank: Int { part?.rank ?? a.shape[0] }
  var outputs: Int { part?.rows.count ?? (isEmbedding ? a.shape[1] : b.shape[0]) }
  var inputs: Int { isEmbedding ? b.shape[0] : a.shape[1] }

  /// The left factor B for a range of output rows: [rows, rank].
  func left(_ rows: Range<Int>) -> [Float] {
    if let part {
      let width = b.shape[1]
      let first = part.rows.lowerBound + rows.lowerBound
      let all = b.numbers(first * width..<(first + rows.count) * width)
      return (0..<rows.count * rank).map { place in
        all[place / rank * width + place % rank * part.stride + part.column]
      }
    }
    guard isEmbedding else { return b.numbers(rows.lowerBound * rank..<rows.upperBound * rank) }
    let tokens = a.shape[1]
    var left = [Float](repeating: 0, count: rows.count * rank)
    for place in 0..<rank {
      let line = a.numbers(place * tokens + rows.lowerBound..<place * tokens + rows.upperBound)
      for (row, number) in line.enumerated() { left[row * rank + place] = number }
    }
    return left
  }

  /// The right factor A: [rank, columns].
  func right() -> [Float] {
    if let part {
      let columns = a.shape[1]
      return a.numbers(part.first * columns..<(part.first + rank) * columns)
    }
    let all = isEmbedding ? b : a
    let numbers = all.numbers(0..<all.shape.reduce(1, *))
    guard isEmbedding else { return numbers }
    let columns = b.shape[0]
    var right = [Float](repeating: 0, count: numbers.count)
    for column in 0..<columns {
      for place in 0..<rank { right[place * columns + column] = numbers[column * rank + place] }
    }
    return right
  }
}

/// A base matrix in which some rows are replaced by trained ones.
struct ReplacedRows: RowSource {
  let base: StoredTensor
  /// The replaced rows, [count, columns], and the row index of each.
  let replacement: StoredTensor
  let places: [Int: Int]

  var columns: Int { base.shape.last ?? 1 }

  func write(_ rows: Range<Int>, to floats: UnsafeMutablePointer<Float>) {
    base.write(rows, to: floats)
    for row in rows {
      guard let place = places[row] else { continue }
      replacement.write(place..<place + 1, to: floats + (row - rows.lowerBound) * columns)
    }
  }

  var files: [FileRange] { base.files }

  func release() { base.release() }
}
