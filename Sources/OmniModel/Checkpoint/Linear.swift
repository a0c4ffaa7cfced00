import Tensors

/// x · Wᵀ + b, in the precision the thinker computes in.
struct Linear: Sendable {
  let inputs, outputs: Int
  /// [outputs].
  let bias: [Float]?
  private let weight: Weight

  private enum Weight: Sendable {
    /// [outputs, inputs].
    case single(Tensor)
    case packed(PackedMatrix)
  }

  /// - Parameter shape: how the weight is stored, where not as [outputs, inputs].
  init(
    _ inputs: Int, _ outputs: Int, _ weights: Weights, hasBias: Bool, shape: [Int]? = nil
  ) throws(CheckpointError) {
    let stored = try weights.stored("weight", shape ?? [outputs, inputs])
    (self.inputs, self.outputs) = (inputs, outputs)
    weight =
      switch weights.precision {
      case .single: .single(stored.tensor().reshaped([outputs, inputs]))
      case .bfloat16:
        .packed(
          try weights.packed("weight", outputs: outputs, inputs: inputs) { stored.fill($0) })
      }
    bias = hasBias ? try weights.vector("bias", outputs) : nil
  }

  var precision: Precision {
    switch weight {
    case .single: .single
    case .packed: .bfloat16
    }
  }

  /// [rows, inputs] → [rows, outputs].
  func callAsFunction(_ x: Tensor) -> Tensor { self(Activations(x, precision)) }

  /// - Parameter x: in the precision of these weights; several products may share it.
  func callAsFunction(_ x: Activations) -> Tensor {
    switch (weight, x) {
    case (.single(let weight), .single(let x)):
      var result = x.timesTransposed(weight)
      if let bias { result.addToRows(bias) }
      return result
    case (.packed(let weight), .rounded(let x)): return weight.times(x, bias: bias)
    default: preconditionFailure("\(precision) weights and other activations")
    }
  }

  /// Adds the product to `sums`, [rows, outputs].
  func add(_ x: Activations, to sums: inout Tensor) {
    switch (weight, x) {
    case (.packed(let weight), .rounded(let x)): weight.add(x, bias: bias, to: &sums)
    default: sums += self(x)
    }
  }

  /// FLOPs for `rows` rows, 2 per multiply-add.
  func flops(_ rows: Int) -> Double { 2 * Double(rows) * Double(inputs) * Double(outputs) }
}
