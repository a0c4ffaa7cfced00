import Tensors

/// Rows of cosines between tokens, computed on demand for a greedy selection. The rows of the best candidates
/// are computed together with the requested one; at most 256 MiB are stored.
struct CosineRows {
  /// [tokens, width], rows of length 1.
  let unit: Tensor
  /// FLOPs so far, 2 per multiply-add.
  private(set) var flops = 0.0
  /// Stored cosines of candidate tokens with all tokens, by token.
  private var rows: [Int: [Float]] = [:]

  /// Maximum memory of stored cosines, in bytes.
  static let heldBytes = 256 << 20
  /// Number of rows that are computed together.
  static let block = 256

  init(_ unit: Tensor) { self.unit = unit }

  /// Cosines of a token with all tokens: [tokens].
  /// - Parameters:
  ///   - scores: [tokens]; tokens of high score that are not taken are the candidates.
  ///   - isTaken: [tokens], tokens already selected.
  mutating func row(of token: Int, scores: [Float], isTaken: [Bool]) -> [Float] {
    if let known = rows.removeValue(forKey: token) { return known }
    if rows.count * unit.rows * 4 > Self.heldBytes { rows = [:] }
    let open = isTaken.indices.filter { !isTaken[$0] && rows[$0] == nil }
    let likely = [token] + topScoring(Self.block - 1, of: open, by: scores)
    let cosines = unit.gatherRows(likely).timesTransposed(unit)
    flops += 2 * Double(likely.count) * Double(unit.rows) * Double(unit.columns)
    for (row, other) in likely.enumerated().dropFirst() { rows[other] = Array(cosines.row(row)) }
    return Array(cosines.row(0))
  }
}
