import OmniModel
import Selection

/// Estimated costs of a prefill and of its lens, in FLOPs. Reading weights and keys counts too,
/// because the lens reads a whole matrix for one row: a byte counts as `flopsPerByte` FLOPs, unless
/// the matrix fits in a processor's cache, where the layer before has left it. So does comparing the
/// logits of a large vocabulary: each counts as `flopsPerLogit` FLOPs.
public struct LensCost: Sendable, Equatable {
  /// FLOPs that a processor with 16-bit products does in the time in which it reads one byte from
  /// memory, and in which it takes the exponential of one logit; rounded up.
  static let flopsPerByte = 32.0
  static let flopsPerLogit = 2500.0

  /// Largest matrix that counts as cached, in bytes.
  static let cachedBytes = Double(1 << 20)

  public let layers: Int
  /// Cost of the prefill: decoder layers and head.
  private let prefill: Double
  /// Cost of reading the head once, and of one row.
  private let head, row: Double
  /// Cost of the attention of one token in all layers.
  private let attention: Double

  /// Estimates the costs of a run.
  /// - Parameters:
  ///   - tokensPerLayer: predicted tokens that each layer processes.
  ///   - bytesPerWeight: bytes that a weight takes in memory.
  public init(_ decoder: DecoderConfiguration, tokensPerLayer: [Int], bytesPerWeight: Double) {
    let count = tokensPerLayer.count
    layers = count
    prefill = tokensPerLayer.enumerated().reduce(decoder.headFlops) { sum, layer in
      let (index, tokens) = layer
      let flops = decoder.flops(
        layer: index + 1, tokens: tokens, outputs: index + 1 == count ? 1 : tokens)
      return sum + flops.attention + flops.feedForward
    }
    head = Self.reading(decoder.headFlops / 2 * bytesPerWeight)
    let logits = decoder.headFlops / 2 / Double(decoder.hiddenSize)
    row = decoder.headFlops + (head > 0 ? logits * Self.flopsPerLogit : 0)
    let query = Double(decoder.hiddenSize * decoder.heads * decoder.headWidth)
    attention = tokensPerLayer.reduce(0) { sum, tokens in
      let keys = Double(tokens * decoder.keyValueWidth * MemoryLayout<Float>.size)
      return sum + decoder.attentionWeightsFlops(tokens)
        + Self.reading(query * bytesPerWeight) + Self.reading(keys)
    }
  }

  private static func reading(_ bytes: Double) -> Double {
    bytes > cachedBytes ? bytes * flopsPerByte : 0
  }

  /// Cost of a lens as a share of the prefill's.
  /// - Parameters:
  ///   - predictions: number of layers after which the next token is predicted.
  ///   - isLive: whether each prediction reads the head; otherwise one product reads it for all.
  func share(predictions: Int, isLive: Bool, hasAttention: Bool) -> Double {
    let reads = predictions == 0 ? 0 : isLive ? predictions + 1 : 1
    // After the head, the predictions of a live lens are made again, to compare them.
    let rows = isLive ? 2 * predictions : predictions
    let lens =
      Double(reads) * head + Double(rows) * row + (hasAttention ? attention : 0)
    return prefill > 0 ? lens / prefill : 1
  }
}

extension LensCost {
  /// Costs of a run with a plan.
  init(_ opened: OpenedRun, _ plan: SelectionPlan) {
    let estimate = PlanCostEstimate(
      plan, prompt: opened.subject.promptShape, decoder: opened.subject.model.decoder)
    let entering = [estimate.entering] + estimate.afterLayer.dropLast()
    let bytes: Double =
      switch opened.thinker.precision {
      case .single: 4
      case .bfloat16: 2
      case .int8: 1
      }
    self.init(
      opened.thinker.configuration.text, tokensPerLayer: entering.map(\.total),
      bytesPerWeight: bytes)
  }
}
