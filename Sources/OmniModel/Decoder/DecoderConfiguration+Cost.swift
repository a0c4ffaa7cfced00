extension DecoderConfiguration {
  /// FLOPs of the attention and the MLP of a layer over `tokens` tokens, of which the last `outputs` are
  /// computed: 2 per multiply-add, and only the causal half of the attention.
  /// - Parameter layer: counted from 1.
  public func flops(
    layer: Int, tokens: Int, outputs: Int
  ) -> (attention: Double, feedForward: Double) {
    let (width, wide) = (Double(hiddenSize), Double(heads * headWidth))
    let pairs = Double(outputs) * Double(2 * tokens - outputs + 1) / 2
    let attention =
      4 * Double(outputs) * width * wide + 4 * Double(tokens) * width * Double(keyValueWidth)
      + 4 * pairs * wide
    return (attention, feedForwardFlops(layer: layer, tokens: outputs))
  }

  private func feedForwardFlops(layer: Int, tokens: Int) -> Double {
    let rows = Double(tokens) * Double(hiddenSize)
    guard let experts, experts.areIn(layer: layer - 1) else {
      return 6 * rows * Double(intermediateSize)
    }
    return 2 * rows * Double(experts.count)
      + 6 * rows * Double(experts.intermediateSize) * Double(experts.active)
  }

  /// FLOPs of the attention weights of `queries` tokens over `tokens` tokens, with the projections of a layer.
  public func relevanceFlops(_ tokens: Int, queries: Int) -> Double {
    let (width, wide) = (Double(hiddenSize), Double(heads * headWidth))
    return 2 * Double(queries) * width * wide + 2 * Double(tokens) * width * Double(keyValueWidth)
      + 2 * Double(queries) * Double(tokens) * wide
  }

  /// FLOPs of the output head for one token.
  public var headFlops: Double { 2 * Double(hiddenSize) * Double(vocabulary) }

  /// FLOPs of the attention weights of one token over `tokens` tokens whose keys are there.
  public func attentionWeightsFlops(_ tokens: Int) -> Double {
    let wide = Double(heads * headWidth)
    return 2 * Double(hiddenSize) * wide + 2 * Double(tokens) * wide
  }
}
