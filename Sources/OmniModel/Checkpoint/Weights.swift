import Tensors

/// A cursor into a checkpoint's tensor names: `weights["self_attn"]["q_proj"]` reads tensors with
/// the prefix `….self_attn.q_proj.`.
struct Weights: Sendable {
  let source: WeightSource
  let prefix: String
  /// Precision of matrix products with these weights.
  let precision: Precision
  /// Where packed matrices are taken from or written to.
  let packing: Packing

  init(
    _ source: WeightSource, _ precision: Precision, _ packing: Packing = .memory,
    prefix: String = ""
  ) {
    self.source = source
    self.prefix = prefix
    self.precision = precision
    self.packing = packing
  }

  subscript(name: some CustomStringConvertible) -> Weights {
    Weights(source, precision, packing, prefix: prefix + "\(name).")
  }

  func stored(_ name: String, _ shape: [Int]) throws(CheckpointError) -> StoredTensor {
    try source.stored(prefix + name, shape)
  }

  func tensor(_ name: String, _ shape: Int...) throws(CheckpointError) -> Tensor {
    try stored(name, shape).tensor()
  }

  func vector(_ name: String, _ count: Int) throws(CheckpointError) -> [Float] {
    try stored(name, [count]).tensor().elements
  }

  /// A packed weight matrix, or two of equal shape stacked in one.
  /// - Parameter parts: shape [outputs, inputs] of each; one or two.
  func packed(
    _ name: String, outputs: Int, inputs: Int, _ parts: [StoredTensor]
  ) throws(CheckpointError) -> PackedWeights {
    let isPaired = parts.count == 2
    do {
      if precision == .int8 {
        let matrix = try QuantizedMatrix(roomFor: outputs, inputs: inputs, isPaired: isPaired)
        for (part, stored) in parts.enumerated() { stored.fill(matrix, part: part) }
        return .quantized(matrix)
      }
      return .rounded(
        try packing.matrix(prefix + name, outputs: outputs, inputs: inputs, isPaired: isPaired) {
          for (part, stored) in parts.enumerated() { stored.fill($0, part: part) }
        })
    } catch {
      throw .allocationFailed(name: prefix + name, bytes: error.bytes)
    }
  }
}

/// Source of the weights: a checkpoint or a random generator.
enum WeightSource: Sendable {
  case checkpoint(Checkpoint)
  case random(RandomWeights)

  func stored(_ name: String, _ shape: [Int]) throws(CheckpointError) -> StoredTensor {
    switch self {
    case .checkpoint(let checkpoint): try checkpoint.stored(name, shape: shape)
    case .random(let weights):
      StoredTensor(shape: shape, type: .bfloat16, place: .random(weights, name: name))
    }
  }
}
