import Selection
import Tensors

extension Prefill {
  /// Hidden states after a finished layer, before any drop: [tokens, hiddenSize]. Recomputed if
  /// discarded or not computed.
  func hiddenStates(afterLayer layer: Int) -> Tensor {
    let output = layers[layer - 1].output
    let count = output.positions.count
    if let hidden = output.hidden, output.outputs == count { return hidden }
    let before = layer > 1 ? hiddenStates(afterLayer: layer - 1) : nil
    return run(layer, output.positions, outputs: count, after: before).output
  }

  /// The input of `layer`: the survivors of the previous layer.
  /// - Parameter before: output of the previous layer; nil for layer 1.
  private func input(ofLayer layer: Int, after before: Tensor?) -> Tensor {
    if layer > 1, let changed = layers[layer - 2].decision.changed { return changed }
    if let before { return before.gatherRows(layers[layer - 2].keptRows) }
    guard let entrance else { preconditionFailure("layer 1 before Stage I") }
    return entrance.hidden
  }

  /// Rows of a layer's output that a plan needs: of the last layer only the next token's, unless
  /// tokens are dropped after it.
  func outputs(of layer: Int, _ positions: [Int], _ plan: SelectionPlan) -> Int {
    layer == layerCount && plan.boundary(afterLayer: layer) == nil
      ? min(1, positions.count) : positions.count
  }

  /// Computes a layer.
  /// - Parameter before: output of the previous layer; nil for layer 1.
  /// - Returns: the last `outputs` rows of its output; keys and values of all.
  func run(
    _ layer: Int, _ positions: [Int], outputs: Int, after before: Tensor?
  ) -> (output: Tensor, cache: KeyValues, seconds: LayerSeconds) {
    var x = input(ofLayer: layer, after: before)
    var cache: KeyValues?
    let seconds = thinker.decoder.layers[layer - 1](
      &x, rotary.rows(positions), cache: &cache, outputs: outputs)
    addDeepstack(layer, positions.suffix(outputs), to: &x)
    guard let cache else { preconditionFailure("a layer without keys and values") }
    return (x, cache, seconds)
  }

  /// Adds the DeepStack features of this layer to vision tokens.
  private func addDeepstack(_ layer: Int, _ positions: ArraySlice<Int>, to x: inout Tensor) {
    guard let media = encoded?.media else { return }
    for (index, clip) in media.clips.enumerated() {
      for (encoded, modality) in [(clip.video, Modality.video), (clip.image, .image)] {
        guard let levels = encoded?.deepstack, layer <= levels.count else { continue }
        let found = positions.enumerated().compactMap { row, position in
          prompt.layout.clips[position] == index && prompt.modalities[position] == modality
            ? prompt.layout.sources[position].token.map { (row: row, token: $0) } : nil
        }
        x.addRows(levels[layer - 1].gatherRows(found.map(\.token)), to: found.map(\.row))
      }
    }
  }

  /// Discards the oldest hidden states beyond the budget, never the last layer's.
  mutating func forgetOldSnapshots() {
    var bytes = layers.reduce(0) { $0 + ($1.output.hidden?.byteCount ?? 0) }
    for index in layers.indices.dropLast() where bytes > snapshotBytes {
      bytes -= layers[index].output.hidden?.byteCount ?? 0
      layers[index].output.hidden = nil
    }
  }

  /// Keys and values of the survivors, for every finished layer.
  func caches() -> [KeyValues] {
    let kept = survivors
    return layers.map { $0.output.cache.gatherRows(rows(of: kept, in: $0.output.positions)) }
  }

  /// Encoder outputs, reusable for other questions about the clip; nil before they have run.
  public var encodedMedia: EncodedMedia? { encoded?.media }

  /// Logits of the first answer token, [vocabulary]; empty before the head has run.
  public var logits: [Float] { firstLogits }

  /// Bytes of keys and values of the survivors in finished layers.
  public var keyValueBytes: Int {
    let width = thinker.configuration.text.keyValueWidth
    return layers.count * survivors.count * 2 * width * MemoryLayout<Float>.size
  }
}
