import OmniModel

/// The sizes of a decoder that its cost depends on.
public struct DecoderShape: Sendable, Equatable, Codable {
  public let layers: Int
  /// Width of the hidden states, D.
  public let hidden: Int
  /// Width of the keys (and of the values) of one token, D_kv.
  public let keyValueWidth: Int
  /// What the reference's FLOPs take for D_kv: key heads · D / heads, also where a head is not D /
  /// heads wide.
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

  /// The sizes that a layer's FLOPs depend on are known: a trace may leave sizes out, which are 0 then.
  public var hasLayerSizes: Bool { hidden > 0 && nominalKeyValueWidth > 0 && intermediate > 0 }
  /// The sizes that the head's FLOPs depend on are known.
  public var hasHeadSizes: Bool { hidden > 0 && vocabulary > 0 }

  /// Bytes that one token's keys and values take in one layer, in fp32; 0 where the width is not known.
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
