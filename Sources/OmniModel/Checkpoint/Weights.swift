import Tensors

/// A cursor into a checkpoint: `weights["self_attn"]["q_proj"]` reads below
/// `….self_attn.q_proj.`.
struct Weights: Sendable {
  let checkpoint: Checkpoint
  let prefix: String

  init(_ checkpoint: Checkpoint, prefix: String) {
    self.checkpoint = checkpoint
    self.prefix = prefix
  }

  subscript(name: some CustomStringConvertible) -> Weights {
    Weights(checkpoint, prefix: prefix + "\(name).")
  }

  func tensor(_ name: String, _ shape: Int...) throws(CheckpointError) -> Tensor {
    try checkpoint.tensor(prefix + name, shape: shape)
  }

  func vector(_ name: String, _ count: Int) throws(CheckpointError) -> [Float] {
    try checkpoint.tensor(prefix + name, shape: [count]).elements
  }
}

/// x · Wᵀ + b.
struct Linear: Sendable {
  /// [outputs, inputs].
  let weight: Tensor
  /// [outputs].
  let bias: [Float]?

  init(
    _ inputs: Int, _ outputs: Int, _ weights: Weights, hasBias: Bool
  ) throws(CheckpointError) {
    weight = try weights.tensor("weight", outputs, inputs)
    bias = hasBias ? try weights.vector("bias", outputs) : nil
  }

  /// - Parameter weight: [outputs, inputs].
  init(weight: Tensor, bias: [Float]?) {
    self.weight = weight
    self.bias = bias
  }

  func callAsFunction(_ x: Tensor) -> Tensor {
    var result = x.timesTransposed(weight)
    if let bias { result.addToRows(bias) }
    return result
  }

  /// FLOPs for `rows` rows, 2 per multiply-add.
  func flops(_ rows: Int) -> Double { 2 * Double(rows) * Double(weight.elements.count) }
}

/// x / √(mean x² + ε) · w.
struct RMSNorm: Sendable {
  let weight: [Float]
  let epsilon: Float

  init(_ width: Int, _ weights: Weights, epsilon: Float) throws(CheckpointError) {
    weight = try weights.vector("weight", width)
    self.epsilon = epsilon
  }

  func callAsFunction(_ x: Tensor) -> Tensor {
    x.rootMeanSquareNormalized(weight: weight, epsilon: epsilon)
  }
}

/// (x − mean) / √(variance + ε) · w + b.
struct LayerNorm: Sendable {
  let weight, bias: [Float]
  let epsilon: Float

  init(_ width: Int, _ weights: Weights, epsilon: Float = 1e-5) throws(CheckpointError) {
    weight = try weights.vector("weight", width)
    bias = try weights.vector("bias", width)
    self.epsilon = epsilon
  }

  func callAsFunction(_ x: Tensor) -> Tensor {
    x.layerNormalized(weight: weight, bias: bias, epsilon: epsilon)
  }
}
