import Tensors

/// A family's audio tower: mel frames in, tokens out.
protocol AudioEncoder: Sendable {
  /// - Parameter mel: [mel bins, frames].
  /// - Returns: tokens, [tokens, decoder width], and the last layer's queries and keys.
  func callAsFunction(
    _ mel: Tensor, _ cancellation: Cancellation
  ) throws(PrefillError) -> EncodedModality
}

extension AudioConfiguration {
  /// The tower of this configuration's family.
  func encoder(outputs: Int, _ weights: Weights) throws(CheckpointError) -> any AudioEncoder {
    switch design {
    case .pairs: try Qwen25AudioEncoder(self, outputs: outputs, weights)
    case .convolutions(let front): try Qwen3AudioEncoder(self, front, outputs: outputs, weights)
    }
  }
}
