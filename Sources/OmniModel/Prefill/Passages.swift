/// The output of the encoder step: encoder outputs and the embeddings of the whole prompt.
struct EncodedPrompt: Sendable {
  /// Text embeddings with the encoder outputs inserted: [tokens, hiddenSize].
  let embeddings: EngineState
  let media: EncodedMedia
}

/// The output of a decoder layer; depends on the plan up to that layer.
struct LayerOutput: Sendable {
  /// Positions in the prompt of the tokens that the layer processed.
  let positions: [Int]
  /// Number of output rows that were computed: those of the last positions.
  let outputs: Int
  /// Hidden states [outputs, hiddenSize]; nil if discarded to save memory.
  var hidden: EngineState?
  let keyValues: EngineState
  let costs: LayerCosts
  let computeSeconds: Double
  /// The last row of the hidden states, which is never discarded; nil if the engine does not offer
  /// it.
  var lastRow: EngineState?
}

/// A finished decoder layer and the token selection after it.
struct FinishedLayer: Sendable {
  var output: LayerOutput
  let decision: Decision

  var kept: [Int] { decision.kept }

  /// Row indices of the kept tokens within the layer's positions.
  var keptRows: [Int] { rows(of: kept, in: output.positions) }
}

/// Indices within `all` of the elements of `some`. Both are ascending, and `all` contains `some`.
func rows(of some: [Int], in all: [Int]) -> [Int] {
  var row = 0
  return some.map { position in
    while all[row] != position { row += 1 }
    return row
  }
}
