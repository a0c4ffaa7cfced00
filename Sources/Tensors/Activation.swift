import Foundation

/// A function applied to every element, by its name in configuration files.
public enum Activation: String, Sendable, CaseIterable {
  /// x · Φ(x), exactly.
  case gelu
  /// x / 2 · (1 + tanh(√(2/π) · (x + 0.044715 x³))).
  case tanhGELU = "gelu_pytorch_tanh"
  /// x · σ(x).
  case silu
}

extension Tensor {
  /// Element by element, in place.
  public mutating func apply(_ activation: Activation) {
    switch activation {
    case .gelu: applyGELU()
    case .silu: applySiLU()
    case .tanhGELU: applyTanhGELU()
    }
  }

  private mutating func applyTanhGELU() {
    let scale = Float(2 / Double.pi).squareRoot()
    elements.withUnsafeMutableBufferPointer { values in
      for index in values.indices {
        let x = values[index]
        values[index] = 0.5 * x * (1 + tanhf(scale * (x + 0.044715 * x * x * x)))
      }
    }
  }
}
