import Selection
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

/// What a layer computed from its input: a function of the plan before that layer, and of nothing
/// after it but `outputs`.
struct LayerOutput: Sendable {
  /// Positions the layer processed.
  let positions: [Int]
  /// How many rows were computed: those of the last so many positions.
  let outputs: Int
  /// [outputs, hiddenSize]; nil where it was given up to save memory.
  var hidden: Tensor?
  let cache: KeyValues
  let seconds: LayerSeconds
  let computeSeconds: Double
}

/// What the plan's boundary after a layer made of that layer's output: a function of these two alone.
struct LayerDecision: Sendable {
  /// Positions left.
  let kept: [Int]
  /// Nil where the plan has no boundary there.
  let drop: DropRecord?
  /// [kept, hiddenSize], where the rule merged tokens into others; nil where rows are as the layer
  /// left them.
  let changed: Tensor?
  let seconds: Double
  /// FLOPs executed, 2 per multiply-add.
  let flops: Double
}

/// A layer that has run, and the decision after it.
struct FinishedLayer: Sendable {
  var output: LayerOutput
  let decision: LayerDecision

  var kept: [Int] { decision.kept }

  /// Rows of `kept` among the positions the layer processed.
  var keptRows: [Int] { rows(of: kept, in: output.positions) }
}

/// Rows at which the ascending `some` stand in the ascending `all`.
func rows(of some: [Int], in all: [Int]) -> [Int] {
  var row = 0
  return some.map { position in
    while all[row] != position { row += 1 }
    return row
  }
}
