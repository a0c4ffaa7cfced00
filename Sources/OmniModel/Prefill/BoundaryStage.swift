import Selection
import Tensors

/// Inputs of a boundary rule after a decoder layer.
extension BoundaryInputs {
  /// - Parameters:
  ///   - rotary: rows of the tokens present.
  ///   - positions: of the tokens present, in the prompt.
  ///   - clips: of the tokens present; empty with at most one clip.
  ///   - hidden: the layer's output, [positions, hiddenSize].
  init(
    layer: Int, _ block: DecoderLayer, _ rotary: RotaryTable, positions: [Int],
    modalities: [Modality], clips: [Int?], hidden: Tensor
  ) {
    self.init(
      modalities: modalities, positions: positions, clips: clips, layer: layer,
      relevance: {
        guard !positions.isEmpty else { return Relevance(scores: [], flops: 0) }
        // Attention of the last text token over the sequence.
        let scores =
          modalities.lastIndex(of: .text).map { block.relevance(hidden, rotary, query: $0) }
          ?? [Float](repeating: 0, count: positions.count)
        return Relevance(
          scores: scores, flops: block.attention.distributionFlops(positions.count))
      }, hidden: { hidden })
  }
}
