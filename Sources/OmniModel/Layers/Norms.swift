import Tensors

/// RMSNorm: x / √(mean x² + ε) · w.
struct RMSNorm: Sendable {
  let weight: [Float]
  let epsilon: Float
  private let precision: Precision

  init(_ width: Int, _ weights: Weights, epsilon: Float) throws(CheckpointError) {
    weight = try weights.vector("weight", width)
    self.epsilon = epsilon
    precision = weights.precision
  }

  func callAsFunction(_ x: Tensor) -> Tensor {
    x.rootMeanSquareNormalized(weight: weight, epsilon: epsilon)
  }

  /// The normalised values, prepared as input of matrix products.
  func activations(_ x: Tensor) -> Activations {
    Activations(rootMeanSquareNormalizing: x, weight: weight, epsilon: epsilon, precision)
  }
}

/// LayerNorm: (x − mean) / √(variance + ε) · w + b.
struct LayerNorm: Sendable {
  let weight, bias: [Float]
  let epsilon: Float
  private let precision: Precision

  init(_ width: Int, _ weights: Weights, epsilon: Float = 1e-5) throws(CheckpointError) {
    weight = try weights.vector("weight", width)
    bias = try weights.vector("bias", width)
    self.epsilon = epsilon
    precision = weights.precision
  }

  func callAsFunction(_ x: Tensor) -> Tensor {
    x.layerNormalized(weight: weight, bias: bias, epsilon: epsilon)
  }

  /// The normalised values, prepared as input of matrix products.
  func activations(_ x: Tensor) -> Activations {
    Activations(layerNormalizing: x, weight: weight, bias: bias, epsilon: epsilon, precision)
  }
}
