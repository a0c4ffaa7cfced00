/// An activation function applied to every element, named as in configuration files.
public enum Activation: String, Sendable, CaseIterable {
  /// Exact GELU: x · Φ(x).
  case gelu
  /// GELU with tanh: x / 2 · (1 + tanh(√(2/π) · (x + 0.044715 x³))).
  case tanhGELU = "gelu_pytorch_tanh"
  /// SiLU: x · σ(x).
  case silu
}

extension Tensor {
  /// Applies an activation function to every element, in place.
  public mutating func apply(_ activation: Activation) {
    switch activation {
    case .gelu: applyGELU()
    case .silu: applySiLU()
    case .tanhGELU: applyTanhGELU()
    }
  }
}
