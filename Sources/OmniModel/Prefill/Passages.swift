import Tensors

/// The encoders' output and the embeddings of the whole prompt.
public struct EncodedPrompt: Sendable {
  /// [tokens, hiddenSize]: text embeddings, with encoder outputs in their places.
  public let embeddings: Tensor
  public let media: EncodedMedia
}

/// Tokens on their way into the decoder.
struct Passage: Sendable {
  let positions: [Int]
  /// [positions, hiddenSize].
  let hidden: Tensor
}

/// What a layer computed, before the drop, and which of it is kept.
struct LayerPassage: Sendable {
  /// Positions the layer processed.
  let positions: [Int]
  /// [positions, hiddenSize]; nil where it was given up to save memory, or never made.
  var hidden: Tensor?
  /// The last position's row of it, [1, hiddenSize], where the others were never made.
  var lastHidden: Tensor?
  let cache: KeyValues
  /// Positions left after the drop.
  var kept: [Int]

  /// Rows of `kept` among `positions`.
  var keptRows: [Int] { rows(of: kept, in: positions) }
}

/// Rows at which the ascending `some` stand in the ascending `all`.
func rows(of some: [Int], in all: [Int]) -> [Int] {
  var row = 0
  return some.map { position in
    while all[row] != position { row += 1 }
    return row
  }
}
