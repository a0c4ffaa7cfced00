/// The encoders' output and the embeddings of the whole prompt.
struct EncodedPrompt: Sendable {
  /// [tokens, hiddenSize]: text embeddings and encoder outputs.
  let embeddings: EngineState
  let media: EncodedMedia
}

/// The output of a layer. Depends on the plan up to that layer, and on `outputs`.
struct LayerOutput: Sendable {
  /// Positions processed by the layer.
  let positions: [Int]
  /// Number of computed rows: those of the last positions.
  let outputs: Int
  /// [outputs, hiddenSize]; nil if discarded to save memory.
  var hidden: EngineState?
  let keyValues: EngineState
  let costs: LayerCosts
  let computeSeconds: Double
}

/// A finished layer and the selection after it.
struct FinishedLayer: Sendable {
  var output: LayerOutput
  let decision: Decision

  var kept: [Int] { decision.kept }

  /// Row indices of `kept` within the layer's positions.
  var keptRows: [Int] { rows(of: kept, in: output.positions) }
}

/// Indices of the ascending `some` within the ascending `all`.
func rows(of some: [Int], in all: [Int]) -> [Int] {
  var row = 0
  return some.map { position in
    while all[row] != position { row += 1 }
    return row
  }
}
