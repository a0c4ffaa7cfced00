import Tensors

/// A cursor into a model's weights: `weights["self_attn"]["q_proj"]` reads below
/// `….self_attn.q_proj.`.
struct Weights: Sendable {
  let source: WeightSource
  let prefix: String

  init(_ source: WeightSource, prefix: String = "") {
    self.source = source
    self.prefix = prefix
  }

  subscript(name: some CustomStringConvertible) -> Weights {
    Weights(source, prefix: prefix + "\(name).")
  }

  func tensor(_ name: String, _ shape: Int...) throws(CheckpointError) -> Tensor {
    try source.withBytes(prefix + name, shape: shape) { Tensor(shape, $1.floats($0)) }
  }

  func vector(_ name: String, _ count: Int) throws(CheckpointError) -> [Float] {
    try source.withBytes(prefix + name, shape: [count]) { $1.floats($0) }
  }
}

/// Where weights come from.
enum WeightSource: Sendable {
  case checkpoint(Checkpoint)
  case random(RandomWeights)

  /// Reads the bytes of a tensor in the type they are stored in; they are gone afterwards.
  func withBytes<Result>(
    _ name: String, shape: [Int], _ read: (UnsafeRawBufferPointer, ElementType) -> Result
  ) throws(CheckpointError) -> Result {
    switch self {
    case .checkpoint(let checkpoint): try checkpoint.withBytes(name, shape: shape, read)
    case .random(let weights): weights.withBytes(name, shape: shape, read)
    }
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
