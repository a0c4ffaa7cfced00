/// A weight matrix packed for matrix products in bfloat16 or int8.
public enum PackedWeights: Sendable {
  case rounded(PackedMatrix)
  case quantized(QuantizedMatrix)

  public var outputs: Int {
    switch self {
    case .rounded(let matrix): matrix.outputs
    case .quantized(let matrix): matrix.outputs
    }
  }

  /// The matrix product rows · weightsᵀ + bias: [rows, inputs] → [rows, outputs].
  public func times(_ rows: Activations, bias: [Float]?) -> Tensor {
    let elements = [Float](count: rows.rows * outputs) { result in
      if let result { multiply(rows, bias, into: result, adds: false) }
    }
    return Tensor([rows.rows, outputs], elements)
  }

  /// Writes rows · weightsᵀ + bias into an existing tensor of the right shape, which avoids
  /// clearing new memory.
  public func multiply(_ rows: Activations, bias: [Float]?, into result: inout Tensor) {
    guard result.shape == [rows.rows, outputs] else {
      result = times(rows, bias: bias)
      return
    }
    result.elements.withUnsafeMutableBufferPointer { result in
      if let result = result.baseAddress { multiply(rows, bias, into: result, adds: false) }
    }
  }

  /// Adds rows · weightsᵀ + bias to the rows of `sums`, from row `first` on.
  public func add(_ rows: Activations, bias: [Float]?, to sums: inout Tensor, at first: Int = 0) {
    precondition(
      first + rows.rows <= sums.rows && sums.columns == outputs,
      "\(rows.rows) rows onto \(sums.shape) at \(first)")
    let start = first * outputs
    sums.elements.withUnsafeMutableBufferPointer { sums in
      if let sums = sums.baseAddress { multiply(rows, bias, into: sums + start, adds: true) }
    }
  }

  /// The inner activations of a gated MLP from a pair of matrices: silu(rows · gateᵀ + bias) ·
  /// (rows · upᵀ + bias), in the same precision.
  public func gated(_ rows: Activations, gateBias: [Float]?, upBias: [Float]?) -> Activations {
    switch (self, rows) {
    case (.rounded(let matrix), .rounded(let rows)):
      .rounded(matrix.gated(rows, gateBias: gateBias, upBias: upBias))
    case (.quantized(let matrix), .quantized(let rows)):
      .quantized(Int8Rows(matrix.gated(rows, gateBias: gateBias, upBias: upBias)))
    default: preconditionFailure("rows in another precision than the weights")
    }
  }

  private func multiply(
    _ rows: Activations, _ bias: [Float]?, into result: UnsafeMutablePointer<Float>, adds: Bool
  ) {
    switch (self, rows) {
    case (.rounded(let matrix), .rounded(let rows)):
      matrix.multiply(rows, bias, into: result, adds: adds)
    case (.quantized(let matrix), .quantized(let rows)):
      matrix.multiply(rows, bias, into: result, adds: adds)
    default: preconditionFailure("rows in another precision than the weights")
    }
  }
}
