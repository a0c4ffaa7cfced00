import Selection

extension Prefill {
  /// Hidden states after a finished decoder layer, before its drop: [tokens, hiddenSize]. Rows that
  /// were discarded or not computed are recomputed.
  func hiddenStates(
    afterLayer layer: Int, _ cancellation: Cancellation
  ) throws(PrefillError) -> EngineState {
    let output = layers[layer - 1].output
    let count = output.positions.count
    if let hidden = output.hidden, output.outputs == count { return hidden }
    return try run(layer, outputs: count, cancellation).hidden
  }

  /// Number of rows of a layer's output that the plan needs: for the last layer only the last
  /// token's, unless tokens are dropped after it.
  func outputs(of layer: Int, _ positions: [Int], _ plan: SelectionPlan) -> Int {
    layer == layerCount && plan.boundary(afterLayer: layer) == nil
      ? min(1, positions.count) : positions.count
  }

  /// Computes a layer for the tokens that survived the previous one.
  /// - Returns: the last `outputs` rows of the layer's output, and keys and values of all tokens.
  private func run(
    _ layer: Int, outputs: Int, _ cancellation: Cancellation
  ) throws(PrefillError) -> LayerResult {
    let input = try input(ofLayer: layer, cancellation)
    return try run(layer, input, outputs: outputs, cancellation)
  }

  func run(
    _ layer: Int, _ input: LayerInput, outputs: Int, _ cancellation: Cancellation
  ) throws(PrefillError) -> LayerResult {
    guard let encoded else { preconditionFailure("a layer before the encoders") }
    return try engine.run(layer, over: input, outputs: outputs, encoded.media, cancellation)
  }

  /// The input of a layer: the tokens that survived Stage I or the previous layer.
  func input(
    ofLayer layer: Int, _ cancellation: Cancellation
  ) throws(PrefillError) -> LayerInput {
    guard let encoded, let entrance else { preconditionFailure("layer 1 before Stage I") }
    guard layer > 1 else {
      return LayerInput(
        hidden: encoded.embeddings, rows: entrance.kept, positions: entrance.kept,
        changed: entrance.changed)
    }
    let before = layers[layer - 2]
    return LayerInput(
      hidden: try hiddenStates(afterLayer: layer - 1, cancellation), rows: before.keptRows,
      positions: before.kept, changed: before.decision.changed)
  }

  /// Discards the oldest hidden states beyond the memory limit, but never the last layer's.
  mutating func forgetOldSnapshots() {
    func bytes(_ output: LayerOutput) -> Int {
      output.hidden == nil ? 0 : output.outputs * engine.hiddenBytesPerToken
    }
    var sum = layers.reduce(0) { $0 + bytes($1.output) }
    for index in layers.indices.dropLast() where sum > snapshotBytes {
      sum -= bytes(layers[index].output)
      layers[index].output.hidden = nil
    }
  }

  /// The KV cache of every finished layer, with the rows of the surviving tokens.
  func caches() -> [LayerCache] {
    let kept = survivors
    return layers.map {
      LayerCache(keyValues: $0.output.keyValues, rows: rows(of: kept, in: $0.output.positions))
    }
  }

  /// Encoder outputs, reusable for other questions about the same clip; nil before the encoder
  /// step.
  public var encodedMedia: EncodedMedia? { encoded?.media }

  /// Logits of the first answer token, [vocabulary]; empty before the head step.
  public var logits: [Float] { firstLogits }

  /// Size in bytes of the surviving tokens' keys and values in all finished layers.
  public var keyValueBytes: Int { layers.count * survivors.count * engine.keyValueBytesPerToken }
}
