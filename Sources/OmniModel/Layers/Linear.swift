import Tensors

/// A linear layer, x · Wᵀ + b, in the model's precision.
struct Linear: Sendable {
  let inputs, outputs: Int
  let precision: Precision
  /// Bias, [outputs]; nil for none.
  let bias: [Float]?
  private let held: Held<Weight>
  private var weight: Weight { held.value }

  private enum Weight: Sendable {
    /// Weights in single precision, [outputs, inputs].
    case single(Tensor)
    case packed(PackedWeights)
  }

  /// Reads the weights of a linear layer.
  /// - Parameter shape: the stored shape; by default [outputs, inputs].
  init(
    _ inputs: Int, _ outputs: Int, _ weights: Weights, hasBias: Bool, shape: [Int]? = nil
  ) throws(CheckpointError) {
    let stored = try weights.stored("weight", shape ?? [outputs, inputs])
    (self.inputs, self.outputs) = (inputs, outputs)
    let precision = weights.precision
    self.precision = precision
    let matrix = MatrixSource(name: "weight", outputs: outputs, inputs: inputs, parts: [stored])
    held = try weights.held([matrix]) { () throws(AllocationFailure) in
      precision == .single
        ? .single(stored.tensor().reshaped([outputs, inputs]))
        : .packed(try weights.packed(matrix))
    }
    bias = hasBias ? try weights.vector("bias", outputs) : nil
  }

  /// Applies the layer: [rows, inputs] → [rows, outputs].
  func callAsFunction(_ x: Tensor) -> Tensor { self(Activations(x, precision)) }

  /// Applies the layer to prepared activations.
  /// - Parameter x: activations in the precision of these weights; may be shared by several layers.
  func callAsFunction(_ x: Activations) -> Tensor {
    switch (weight, x) {
    case (.packed(let weight), let x): return weight.times(x, bias: bias)
    case (.single(let weight), .single(let x)):
      var result = x.timesTransposed(weight)
      if let bias { result.addToRows(bias) }
      return result
    default: preconditionFailure("\(precision) weights and other activations")
    }
  }

  /// Writes the layer's output into `result`, which is reused if it has the right shape.
  func callAsFunction(_ x: Activations, into result: inout Tensor) {
    switch weight {
    case .packed(let weight): weight.multiply(x, bias: bias, into: &result)
    case .single: result = self(x)
    }
  }

  /// Adds the layer's output to `sums`, [rows, outputs].
  func add(_ x: Activations, to sums: inout Tensor) {
    switch weight {
    case .packed(let weight): weight.add(x, bias: bias, to: &sums)
    case .single: sums += self(x)
    }
  }

  /// FLOPs for `rows` rows; a multiply-add counts 2.
  func flops(_ rows: Int) -> Double { 2 * Double(rows) * Double(inputs) * Double(outputs) }
}
