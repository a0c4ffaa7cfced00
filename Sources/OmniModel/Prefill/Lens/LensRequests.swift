/// Rows of hidden states whose next-token distributions are wanted.
public struct PredictionRequest: Sendable {
  /// States of one row each, made by `PrefillEngine.row(_:of:)`.
  public let rows: [EngineState]
  /// Index in `rows` of the last layer's row, from which the divergence of all is computed; nil
  /// before that layer has run.
  public let final: Int?
  /// Number of most likely tokens that are wanted.
  public let best: Int
}

/// A token whose attention in a layer is wanted.
public struct AttentionQuery: Sendable {
  /// Counted from 1.
  public let layer: Int
  /// The token's hidden state as it enters the layer, made by `PrefillEngine.row(_:of:)`.
  public let row: EngineState
  /// Position of the token in the prompt.
  public let position: Int
  /// Keys and values of the layer, and the number of tokens that entered it.
  public let keyValues: EngineState
  public let tokens: Int
}

/// A value with what it cost to compute.
public struct Measured<Value: Sendable>: Sendable {
  public let value: Value
  /// FLOPs executed; a multiply-add counts 2.
  public let flops: Double
  /// Time by the engine's own clock; nil: the wall time of the call.
  public var seconds: Double?

  public init(_ value: Value, flops: Double, seconds: Double? = nil) {
    (self.value, self.flops, self.seconds) = (value, flops, seconds)
  }
}
