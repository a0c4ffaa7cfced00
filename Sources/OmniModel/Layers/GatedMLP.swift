import Tensors

/// A gated MLP: down(silu(gate(x)) · up(x)).
struct GatedMLP: Sendable {
  private let held: Held<Inside>
  private let width, inner: Int
  private let precision: Precision
  private let gateBias, upBias, downBias: [Float]?

  private enum Inside: Sendable {
    case single(gate: Tensor, up: Tensor, down: Tensor)
    /// Gate and up weights in one packed matrix; the gate is applied within the matrix product.
    case packed(PackedWeights, down: PackedWeights)
  }

  init(
    _ width: Int, _ inner: Int, _ weights: Weights, hasBias: Bool = false
  ) throws(CheckpointError) {
    (self.width, self.inner) = (width, inner)
    func stored(_ name: String, _ shape: [Int]) throws(CheckpointError) -> StoredTensor {
      try weights[name].stored("weight", shape)
    }
    func bias(_ name: String, _ count: Int) throws(CheckpointError) -> [Float]? {
      hasBias ? try weights[name].vector("bias", count) : nil
    }
    let (gate, up) = (
      try stored("gate_proj", [inner, width]), try stored("up_proj", [inner, width])
    )
    let down = try stored("down_proj", [width, inner])
    (gateBias, upBias) = (try bias("gate_proj", inner), try bias("up_proj", inner))
    downBias = try bias("down_proj", width)
    let precision = weights.precision
    self.precision = precision
    let gateAndUp = MatrixSource(name: "gate_up", outputs: inner, inputs: width, parts: [gate, up])
    let contraction = MatrixSource(name: "down", outputs: width, inputs: inner, parts: [down])
    held = try weights.held([gateAndUp, contraction]) { () throws(AllocationFailure) in
      precision == .single
        ? .single(gate: gate.tensor(), up: up.tensor(), down: down.tensor())
        : .packed(try weights.packed(gateAndUp), down: try weights.packed(contraction))
    }
  }

  /// Starts reading the weights in the background if they are not in memory.
  func readAhead() { held.readAhead() }

  /// Number of rows computed at a time, to limit the memory of inner activations.
  private static let chunkRows = 1008

  /// Applies the MLP: [rows, width] → [rows, width].
  func callAsFunction(_ x: Tensor) -> Tensor {
    var result = Tensor.zeros(x.shape)
    add(Activations(x, precision), to: &result)
    return result
  }

  /// Adds the MLP's output to `sums`, [rows, width].
  func add(_ x: Activations, to sums: inout Tensor) {
    switch (held.value, x) {
    case (.single(let gate, let up, let down), .single(let x)):
      var gated = x.timesTransposed(gate)
      if let gateBias { gated.addToRows(gateBias) }
      gated.applySiLU()
      var factors = x.timesTransposed(up)
      if let upBias { factors.addToRows(upBias) }
      gated *= factors
      sums += gated.timesTransposed(down)
      if let downBias { sums.addToRows(downBias) }
    case (.packed(let gateAndUp, let down), let x):
      for first in stride(from: 0, to: x.rows, by: Self.chunkRows) {
        let chunk = x.rows(first..<min(first + Self.chunkRows, x.rows))
        let gated = gateAndUp.gated(chunk, gateBias: gateBias, upBias: upBias)
        down.add(gated, bias: downBias, to: &sums, at: first)
      }
    default: preconditionFailure("\(precision) weights and other activations")
    }
  }

  /// FLOPs for `rows` rows; a multiply-add counts 2.
  func flops(_ rows: Int) -> Double { 6 * Double(rows) * Double(width) * Double(inner) }
}
