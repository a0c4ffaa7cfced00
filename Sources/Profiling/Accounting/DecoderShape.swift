/// The sizes of a decoder that its cost depends on.
public struct DecoderShape: Sendable, Equatable, Codable {
  public let layers: Int
  /// Width of the hidden states, D.
  public let hidden: Int
  /// Width of the keys (and of the values) of one token, D_kv.
  public let keyValueWidth: Int
  /// Width inside the MLP, I.
  public let intermediate: Int
  /// Rows of the output head, V.
  public let vocabulary: Int

  public init(layers: Int, hidden: Int, keyValueWidth: Int, intermediate: Int, vocabulary: Int) {
    self.layers = layers
    self.hidden = hidden
    self.keyValueWidth = keyValueWidth
    self.intermediate = intermediate
    self.vocabulary = vocabulary
  }

  /// Bytes that one token's keys and values take in one layer, in fp32.
  public var keyValueBytesPerToken: Int { 2 * keyValueWidth * MemoryLayout<Float>.size }
}
