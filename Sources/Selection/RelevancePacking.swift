import Foundation
import Tensors

/// OmniPack, Stage II: keeps tokens of each modality that are relevant and far from each other;
/// every other token is merged into the most similar of the kept ones.
///
/// At most O(n²·width) for n tokens of a modality. Rows of cosines are computed on demand
/// (`CosineRows`).
struct RelevancePacking {
  /// Share of the tokens to keep.
  let ratio: Double

  /// The selected tokens of a modality.
  struct Outcome {
    /// Indices of the kept tokens within the modality, ascending.
    let kept: [Int]
    let relevance: [Float]
    let changed: ChangedRows?
    let merges: [TokenMerge]
    let flops: Double
  }

  /// Selects and merges the tokens of a modality.
  /// - Parameters:
  ///   - tokens: hidden states of the modality, [tokens, width].
  ///   - text: hidden states of the text, [tokens, width].
  ///   - others: hidden states of the other modality, [tokens, width].
  ///   - offsets: offset of each token of the modality in the sequence.
  func select(tokens: Tensor, text: Tensor, others: Tensor, offsets: [Int]) -> Outcome {
    let unit = tokens.unitRows()
    let relevance = Self.relevance(tokens, unit, text: text, others: others)
    let count = keepCount(ratio, of: tokens.rows)
    let scored = 2 * Double(tokens.rows) * Double(text.rows + 3) * Double(tokens.columns)
    guard count < tokens.rows else {
      return Outcome(
        kept: Array(0..<tokens.rows), relevance: relevance, changed: nil, merges: [], flops: scored)
    }
    var spread = Spread(unit, relevance)
    let kept = spread.select(count)
    let isKept = Set(kept)
    let dropped = relevance.indices.filter { !isKept.contains($0) }
    let strength = minMaxScaled(dropped.map { relevance[$0] })
    let absorption = TokenAbsorption(unit: unit, kept: kept, dropped: dropped) { row, cosine in
      let likeness = min(max((cosine + 1) / 2, 0), 1)
      return likeness * likeness * (0.5 + 0.5 * strength[row])
    }
    let (changed, merges) = absorption.merged(own: 0, offsets: offsets)
    return Outcome(
      kept: kept, relevance: relevance, changed: changed, merges: merges,
      flops: scored + spread.flops + absorption.flops(width: tokens.columns))
  }

  /// Relevance of each token: minmax(similarity to the text) + minmax(similarity to the other
  /// modality) + minmax(density).
  private static func relevance(
    _ tokens: Tensor, _ unit: Tensor, text: Tensor, others: Tensor
  ) -> [Float] {
    let asked = minMaxScaled(nearness(unit, to: text))
    let agreeing = minMaxScaled(
      others.rows > 0 ? unit.timesTransposed(others.meanRow().unitRows()).elements : zeros(unit))
    let dense = minMaxScaled(likeness(tokens).map { Float(exp($0 - 1)) })
    return zip(asked, zip(agreeing, dense)).map { $0 + $1.0 + $1.1 }
  }

  /// Mean cosine of each token with all tokens, u · (mean of all u). In double precision, since
  /// minmax would amplify rounding differences of equal means.
  private static func likeness(_ tokens: Tensor) -> [Double] {
    let (width, elements) = (tokens.columns, tokens.elements)
    let norms = (0..<tokens.rows).map { max(tokens.dotProduct($0, $0).squareRoot(), 1e-12) }
    var mean = [Double](repeating: 0, count: width)
    for row in 0..<tokens.rows {
      for column in 0..<width {
        mean[column] += Double(elements[row * width + column]) / norms[row]
      }
    }
    for column in mean.indices { mean[column] /= Double(max(1, tokens.rows)) }
    return (0..<tokens.rows).map { row in
      var dot = 0.0
      for column in 0..<width { dot += Double(elements[row * width + column]) * mean[column] }
      return dot / norms[row]
    }
  }

  /// Similarity of each token to the text: the larger of the cosine with the mean of the text and
  /// the largest cosine with any text token.
  private static func nearness(_ unit: Tensor, to text: Tensor) -> [Float] {
    guard text.rows > 0 else { return zeros(unit) }
    var rows = text.unitRows()
    rows.appendRows(text.meanRow().unitRows())
    return blocks(unit.rows, of: 1024).flatMap { block -> [Float] in
      let cosines = unit.rows(block).timesTransposed(rows)
      return (0..<block.count).map { peak(of: cosines.row($0)).value }
    }
  }

  private static func zeros(_ unit: Tensor) -> [Float] { [Float](repeating: 0, count: unit.rows) }
}

/// The greedy selection: first the most relevant token, then repeatedly the token with the largest
/// (smallest distance to those chosen) · (1 + minmax(relevance)).
private struct Spread {
  let relevance, weights: [Float]
  private var rows: CosineRows

  var flops: Double { rows.flops }

  init(_ unit: Tensor, _ relevance: [Float]) {
    (rows, self.relevance) = (CosineRows(unit), relevance)
    weights = minMaxScaled(relevance).map { 1 + $0 }
  }

  /// Indices of the chosen tokens, ascending; the first wins ties.
  mutating func select(_ count: Int) -> [Int] {
    var scores = relevance
    var distances = [Float](repeating: .infinity, count: scores.count)
    var isTaken = [Bool](repeating: false, count: scores.count)
    for _ in 0..<count {
      var next = peak(of: scores[...]).column
      // Happens only if scores are not finite.
      if isTaken[next] { next = isTaken.firstIndex(of: false) ?? next }
      isTaken[next] = true
      let cosines = rows.row(of: next, scores: scores, isTaken: isTaken)
      for token in distances.indices {
        distances[token] = min(distances[token], 1 - cosines[token])
        scores[token] = isTaken[token] ? -1 : distances[token] * weights[token]
      }
    }
    return isTaken.indices.filter { isTaken[$0] }
  }
}
