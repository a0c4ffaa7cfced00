import Selection
import Tensors

/// The encoders' output and the embeddings of the whole prompt.
public struct EncodedPrompt: Sendable {
  /// [tokens, hiddenSize]: text embeddings and encoder outputs.
  public let embeddings: Tensor
  public let media: EncodedMedia
}

/// The input of the first decoder layer: positions and hidden states.
struct Passage: Sendable {
  let positions: [Int]
  /// [positions, hiddenSize].
  let hidden: Tensor
}

/// The output of a layer. Depends on the plan up to that layer, and on `outputs`.
struct LayerOutput: Sendable {
  /// Positions processed by the layer.
  let positions: [Int]
  /// Number of computed rows: those of the last positions.
  let outputs: Int
  /// [outputs, hiddenSize]; nil if discarded to save memory.
  var hidden: Tensor?
  let cache: KeyValues
  let seconds: LayerSeconds
  let computeSeconds: Double
}

/// The result of the plan's boundary after a layer. Depends on the layer's output and the boundary
/// only.
struct LayerDecision: Sendable {
  /// Positions left.
  let kept: [Int]
  /// Nil without a boundary.
  let drop: DropRecord?
  /// [kept, hiddenSize] after merging; nil if rows are unchanged.
  let changed: Tensor?
  let seconds: Double
  /// FLOPs executed, 2 per multiply-add.
  let flops: Double
}

/// A finished layer and the selection after it.
struct FinishedLayer: Sendable {
  var output: LayerOutput
  let decision: LayerDecision

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
