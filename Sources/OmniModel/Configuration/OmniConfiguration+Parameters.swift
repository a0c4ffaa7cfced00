extension OmniConfiguration {
  /// Number of parameters of the thinker.
  public var parameters: Int {
    text.parameters + vision.design.parameters(vision, outputs: text.hiddenSize)
      + (audio.map { $0.design.parameters($0, outputs: text.hiddenSize) } ?? 0)
  }
}

extension DecoderConfiguration {
  var parameters: Int {
    let embeddings = vocabulary * hiddenSize * (tiesEmbeddings ? 1 : 2)
    return embeddings + hiddenSize + (0..<layers).reduce(0) { $0 + layerParameters($1) }
  }

  /// Number of parameters that are not loaded into memory: the embeddings, unless tied to the head.
  var unreadParameters: Int { tiesEmbeddings ? 0 : vocabulary * hiddenSize }

  /// Number of parameters of a decoder layer.
  /// - Parameter layer: counted from 0.
  private func layerParameters(_ layer: Int) -> Int {
    let width = heads * headWidth
    let attention = 2 * hiddenSize * width + 2 * hiddenSize * keyValueWidth
    let bias =
      (biases.queryKeyValue ? width + 2 * keyValueWidth : 0) + (biases.output ? hiddenSize : 0)
    let norms = 2 * hiddenSize + (normalizesHeads ? 2 * headWidth : 0)
    guard let experts, experts.areIn(layer: layer) else {
      return attention + bias + norms + 3 * hiddenSize * intermediateSize
    }
    let sparse = experts.count * (hiddenSize + 3 * hiddenSize * experts.intermediateSize)
    return attention + bias + norms + sparse
  }
}

extension VisionConfiguration {
  /// Number of attention parameters in one vision block.
  var attentionParameters: Int { 4 * width * (width + 1) }

  /// Number of parameters in the two matrices of a patch merger.
  func mergerParameters(outputs: Int) -> Int {
    let merged = width * mergeGroup
    return merged * (merged + 1) + outputs * (merged + 1)
  }
}

extension AudioConfiguration {
  /// Number of parameters of one audio encoder layer.
  var layerParameters: Int {
    4 * width * (width + 1) + feedForwardWidth * (width + 1) + width * (feedForwardWidth + 1)
      + 4 * width
  }
}
