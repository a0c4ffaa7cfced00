/// The full-token run of the prompt.
public struct FullRunRecord: Sendable, Equatable, Codable {
  public let answer: AnswerRecord
  /// Time of layers 1…L and head, without the shared encoders.
  public let prefillMilliseconds: Double
  public let layerMilliseconds: [Double]
  /// Attention and MLP times per layer; empty if unknown.
  public let attentionMilliseconds, feedForwardMilliseconds: [Double]
  /// Bytes of keys and values of all layers after the prefill; nil if unknown.
  public let keyValueBytes: Int?
  /// FLOPs executed by layers and head, 2 per multiply-add; nil if unknown.
  public let executedFlops: Double?
  /// Records of the lens, in the order of layers; empty if it was off.
  public var lens: [LensRecord] = []

  public init(
    answer: AnswerRecord, prefillMilliseconds: Double, layerMilliseconds: [Double],
    attentionMilliseconds: [Double] = [], feedForwardMilliseconds: [Double] = [],
    keyValueBytes: Int?, executedFlops: Double?
  ) {
    self.answer = answer
    self.prefillMilliseconds = prefillMilliseconds
    self.layerMilliseconds = layerMilliseconds
    self.attentionMilliseconds = attentionMilliseconds
    self.feedForwardMilliseconds = feedForwardMilliseconds
    self.keyValueBytes = keyValueBytes
    self.executedFlops = executedFlops
  }
}
