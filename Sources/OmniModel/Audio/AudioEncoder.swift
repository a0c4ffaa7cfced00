import Tensors

/// An audio encoder: converts mel features to audio tokens.
protocol AudioEncoder: Sendable {
  /// Encodes mel features.
  /// - Parameter mel: [mel bins, frames].
  /// - Returns: audio tokens, [tokens, decoder width], and the last layer's queries and keys.
  func callAsFunction(
    _ mel: Tensor, _ cancellation: Cancellation
  ) throws(PrefillError) -> EncodedModality
}
