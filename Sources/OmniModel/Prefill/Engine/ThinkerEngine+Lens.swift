import Tensors

extension ThinkerEngine {
  func row(_ row: Int, of hidden: EngineState) throws(PrefillError) -> EngineState? {
    EngineState(hidden.value(as: Tensor.self).rows(row..<row + 1))
  }

  func predictions(
    _ request: PredictionRequest, _ cancellation: Cancellation
  ) throws(PrefillError) -> Measured<[NextTokenPrediction?]>? {
    let decoder = thinker.decoder
    let rows = request.rows.map { $0.value(as: Tensor.self) }
    let hidden = Tensor([rows.count, decoder.config.hiddenSize], rows.flatMap(\.elements))
    let logits = decoder.logits(hidden)
    try cancellation.check()
    let final = request.final.flatMap { NextTokenLogits(logits[$0]) }
    var predictions = [NextTokenPrediction?](repeating: nil, count: logits.count)
    // About 20 operations per logit.
    let work = 20 * Double(logits.count) * Double(decoder.config.vocabulary)
    predictions.withUnsafeMutableBufferPointer { found in
      nonisolated(unsafe) let found = found
      ProductThreads.perform(logits.count, flops: work) { index in
        found[index] = NextTokenPrediction(logits[index], final: final, best: request.best)
      }
    }
    return Measured(predictions, flops: decoder.head.flops(rows.count))
  }

  func attention(
    _ query: AttentionQuery, groups: [UInt8], groupCount: Int
  ) throws(PrefillError) -> Measured<[[Float]]>? {
    let weights = weights(query)
    let sums = (0..<weights.rows).map { head in
      var sums = [Float](repeating: 0, count: groupCount)
      for (token, weight) in weights.row(head).enumerated() { sums[Int(groups[token])] += weight }
      return sums
    }
    return Measured(sums, flops: flops(query))
  }

  func attentionWeights(
    _ query: AttentionQuery, head: Int
  ) throws(PrefillError) -> Measured<[Float]>? {
    let weights = weights(query)
    guard (0..<weights.rows).contains(head) else { return nil }
    return Measured(Array(weights.row(head)), flops: flops(query))
  }

  /// [heads, tokens].
  private func weights(_ query: AttentionQuery) -> Tensor {
    let keys = query.keyValues.value(as: KeyValues.self).keys
    return thinker.decoder.layers[query.layer - 1].attentionWeights(
      query.row.value(as: Tensor.self), rotary.rows([query.position]), keys)
  }

  private func flops(_ query: AttentionQuery) -> Double {
    thinker.decoder.layers[query.layer - 1].attention.weightsFlops(query.tokens)
  }
}
