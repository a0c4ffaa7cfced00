import OmniModel

/// Decoder sizes that determine its cost.
public struct DecoderShape: Sendable, Equatable, Codable {
  public let layers: Int
  /// Width of the hidden states, D.
  public let hidden: Int
  /// Width of the keys (and of the values) of one token, D_kv.
  public let keyValueWidth: Int
  /// D_kv in the reference's FLOPs: key heads · D / heads, even if the head width differs from D /
  /// heads.
  public var nominalKeyValueWidth: Int
  /// Width inside the MLP, I.
  public let intermediate: Int
  /// Rows of the output head, V.
  public let vocabulary: Int

  public init(layers: Int, hidden: Int, keyValueWidth: Int, intermediate: Int, vocabulary: Int) {
    self.layers = layers
    self.hidden = hidden
    self.keyValueWidth = keyValueWidth
    nominalKeyValueWidth = keyValueWidth
    self.intermediate = intermediate
    self.vocabulary = vocabulary
  }

  /// Whether the sizes for a layer's FLOPs are known; sizes left out of a trace are 0.
  public var hasLayerSizes: Bool { hidden > 0 && nominalKeyValueWidth > 0 && intermediate > 0 }
  /// Whether the sizes for the head's FLOPs are known.
  public var hasHeadSizes: Bool { hidden > 0 && vocabulary > 0 }

  /// Bytes of one token's keys and values in one layer, in fp32; 0 if unknown.
  public var keyValueBytesPerToken: Int { 2 * keyValueWidth * MemoryLayout<Float>.size }
}

extension DecoderShape {
  public init(_ text: DecoderConfiguration) {
    self.init(
      layers: text.layers, hidden: text.hiddenSize, keyValueWidth: text.keyValueWidth,
      intermediate: text.intermediateSize, vocabulary: text.vocabulary)
    nominalKeyValueWidth = text.keyValueHeads * text.hiddenSize / text.heads
  }
}
