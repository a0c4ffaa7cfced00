import Selection

extension Prefill {
  /// Hidden states after a finished layer, before any drop: [tokens, hiddenSize]. Recomputed if
  /// discarded or not computed.
  func hiddenStates(
    afterLayer layer: Int, _ cancellation: Cancellation
  ) throws(PrefillError) -> EngineState {
    let output = layers[layer - 1].output
    let count = output.positions.count
    if let hidden = output.hidden, output.outputs == count { return hidden }
    return try run(layer, outputs: count, cancellation).hidden
  }

  /// Rows of a layer's output that a plan needs: of the last layer only the next token's, unless
  /// tokens are dropped after it.
  func outputs(of layer: Int, _ positions: [Int], _ plan: SelectionPlan) -> Int {
    layer == layerCount && plan.boundary(afterLayer: layer) == nil
      ? min(1, positions.count) : positions.count
  }

  /// Computes a layer for the survivors of the previous one.
  /// - Returns: the last `outputs` rows of its output; keys and values of all.
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

  /// The input of `layer`: the survivors of Stage I or of the previous layer.
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

  /// Discards the oldest hidden states beyond the budget, never the last layer's.
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

  /// Keys and values of the survivors, for every finished layer.
  func caches() -> [LayerCache] {
    let kept = survivors
    return layers.map {
      LayerCache(keyValues: $0.output.keyValues, rows: rows(of: kept, in: $0.output.positions))
    }
  }

  /// Encoder outputs, reusable for other questions about the clip; nil before they have run.
  public var encodedMedia: EncodedMedia? { encoded?.media }

  /// Logits of the first answer token, [vocabulary]; empty before the head has run.
  public var logits: [Float] { firstLogits }

  /// Bytes of keys and values of the survivors in finished layers.
  public var keyValueBytes: Int { layers.count * survivors.count * engine.keyValueBytesPerToken }
}
