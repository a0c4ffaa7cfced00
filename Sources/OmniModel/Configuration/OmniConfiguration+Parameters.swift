extension OmniConfiguration {
  /// Numbers in the thinker's weights.
  public var parameters: Int {
    text.parameters + vision.parameters(outputs: text.hiddenSize)
      + audio.parameters(outputs: text.hiddenSize)
  }
}

extension DecoderConfiguration {
  var parameters: Int {
    let embeddings = vocabulary * hiddenSize * (tiesEmbeddings ? 1 : 2)
    return embeddings + hiddenSize + (0..<layers).reduce(0) { $0 + layerParameters($1) }
  }

  /// The table of embeddings stays in the checkpoint, unless the head shares it.
  var unreadParameters: Int { tiesEmbeddings ? 0 : vocabulary * hiddenSize }

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
  func parameters(outputs: Int) -> Int {
    let merged = width * mergeGroup
    let attention = 4 * width * (width + 1)
    let merger = merged * (merged + 1) + outputs * (merged + 1)
    switch design {
    case .windowed:
      let think = 2 * intermediateSize * (width + 1) + width * (intermediateSize + 1)
      return width * patchElements + depth * (attention + think + 2 * width) + merger + width
    case .deepstack(let design):
      let think = intermediateSize * (width + 1) + width * (intermediateSize + 1)
      return width * (patchElements + 1) + design.positionRows * width
        + depth * (attention + think + 4 * width) + merger + 2 * width
        + design.levels.count * (merger + 2 * merged)
    }
  }
}

extension AudioConfiguration {
  func parameters(outputs: Int) -> Int {
    let think = feedForwardWidth * (width + 1) + width * (feedForwardWidth + 1)
    let layer = 4 * width * (width + 1) + think + 4 * width
    switch design {
    case .pairs:
      let convolutions = width * (3 * melBins + 1) + width * (3 * width + 1)
      return convolutions + layers * (layer - width) + 2 * width + outputs * (width + 1)
    case .convolutions(let front):
      let pitches = (((melBins + 1) / 2 + 1) / 2 + 1) / 2
      let channels = front.channels
      let convolutions = channels * 10 + 2 * channels * (9 * channels + 1)
      return convolutions + channels * pitches * width + layers * layer + 2 * width
        + width * (width + 1) + outputs * (width + 1)
    }
  }
}
