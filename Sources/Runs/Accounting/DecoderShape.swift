import OmniModel

/// Sizes of the decoder from which FLOPs and KV cache bytes are computed.
public struct DecoderShape: Sendable, Equatable, Codable {
  public let layers: Int
  /// Width of the hidden states, D.
  public let hidden: Int
  /// Width of the keys of one token in one layer, D_kv; the values have the same width.
  public let keyValueWidth: Int
  /// Key width as the reference counts FLOPs: key heads · D / query heads, even if the head width
  /// differs from D / query heads.
  public var nominalKeyValueWidth: Int
  /// Inner width of the MLP, I.
  public let intermediate: Int
  /// Number of rows of the output head (vocabulary size), V.
  public let vocabulary: Int
  /// Bytes of a number in keys and values: 4 in this program, fewer in an engine that rounds them.
  public var bytesPerNumber = MemoryLayout<Float>.size

  public init(layers: Int, hidden: Int, keyValueWidth: Int, intermediate: Int, vocabulary: Int) {
    self.layers = layers
    self.hidden = hidden
    self.keyValueWidth = keyValueWidth
    nominalKeyValueWidth = keyValueWidth
    self.intermediate = intermediate
    self.vocabulary = vocabulary
  }

  /// Whether the sizes needed for the FLOPs of a layer are known. A size missing in a trace is 0.
  public var hasLayerSizes: Bool { hidden > 0 && nominalKeyValueWidth > 0 && intermediate > 0 }
  /// Whether the sizes needed for the FLOPs of the output head are known.
  public var hasHeadSizes: Bool { hidden > 0 && vocabulary > 0 }

  /// Bytes of the keys and values of one token in one layer; 0 if the width is unknown.
  public var keyValueBytesPerToken: Int { 2 * keyValueWidth * bytesPerNumber }
}

extension DecoderShape {
  public init(_ text: DecoderConfiguration) {
    self.init(
      layers: text.layers, hidden: text.hiddenSize, keyValueWidth: text.keyValueWidth,
      intermediate: text.intermediateSize, vocabulary: text.vocabulary)
    nominalKeyValueWidth = text.keyValueHeads * text.hiddenSize / text.heads
  }
}
