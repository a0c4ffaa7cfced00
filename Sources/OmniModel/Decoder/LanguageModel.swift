import Tensors

/// The language model: token embeddings, decoder layers, final norm and output head.
struct LanguageModel: Sendable {
  let config: DecoderConfiguration
  /// Token embeddings, [vocabulary, hiddenSize]; rows are read from the checkpoint on demand.
  let embedding: StoredTensor
  let layers: [DecoderLayer]
  let finalNorm: RMSNorm
  let head: Linear

  init(_ config: DecoderConfiguration, _ weights: Weights) throws(CheckpointError) {
    self.config = config
    let model = weights["model"]
    let embeddings = model["embed_tokens"]
    embedding = try embeddings.stored("weight", [config.vocabulary, config.hiddenSize])
    var layers: [DecoderLayer] = []
    for index in 0..<config.layers {
      layers.append(try DecoderLayer(index, config, model["layers"][index]))
    }
    self.layers = layers
    finalNorm = try RMSNorm(config.hiddenSize, model["norm"], epsilon: config.normEpsilon)
    head = try Linear(
      config.hiddenSize, config.vocabulary,
      config.tiesEmbeddings ? embeddings : weights["lm_head"], hasBias: false)
  }

  /// Logits of row `row` of the last layer's hidden states: [vocabulary].
  func logits(_ hidden: Tensor, row: Int) -> [Float] {
    head(finalNorm(hidden.rows(row..<row + 1))).elements
  }

  /// Logits of rows of hidden states, as `logits(_:row:)` gives them for each row alone.
  ///
  /// Packed weights are read once for all rows; a row of their product does not depend on the
  /// others. In single precision it may, so each row has a product of its own.
  func logits(_ hidden: Tensor) -> [[Float]] {
    guard head.precision != .single else {
      return (0..<hidden.rows).map { logits(hidden, row: $0) }
    }
    let all = head(finalNorm(hidden))
    return (0..<all.rows).map { Array(all.row($0)) }
  }
}
