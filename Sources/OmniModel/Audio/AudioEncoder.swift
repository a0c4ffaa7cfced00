import Tensors

/// An audio encoder: mel frames to tokens.
protocol AudioEncoder: Sendable {
  /// - Parameter mel: [mel bins, frames].
  /// - Returns: tokens, [tokens, decoder width], and the last layer's queries and keys.
  func callAsFunction(
    _ mel: Tensor, _ cancellation: Cancellation
  ) throws(PrefillError) -> EncodedModality
}
