import Tensors

/// The language model of the thinker: embeddings, layers, final norm and head.
struct LanguageModel: Sendable {
  let config: DecoderConfiguration
  /// [vocabulary, hiddenSize].
  let embedding: Tensor
  let layers: [DecoderLayer]
  let finalNorm: RMSNorm
  let head: Linear

  init(_ config: DecoderConfiguration, _ weights: Weights) throws(CheckpointError) {
    self.config = config
    let model = weights["model"]
    embedding = try model["embed_tokens"].tensor("weight", config.vocabulary, config.hiddenSize)
    var layers: [DecoderLayer] = []
    for index in 0..<config.layers {
      layers.append(try DecoderLayer(index, config, model["layers"][index]))
    }
    self.layers = layers
    finalNorm = try RMSNorm(config.hiddenSize, model["norm"], epsilon: config.normEpsilon)
    head =
      config.tiesEmbeddings
      ? Linear(weight: embedding, bias: nil)
      : try Linear(config.hiddenSize, config.vocabulary, weights["lm_head"], hasBias: false)
  }

  /// Logits of the token whose last hidden state is `row` of `hidden`: [vocabulary].
  func logits(_ hidden: Tensor, row: Int) -> [Float] {
    head(finalNorm(hidden.rows(row..<row + 1))).elements
  }
}
