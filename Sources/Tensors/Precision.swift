import CKernels

/// The precision of matrix products; sums are always in single precision.
public enum Precision: String, Sendable, Codable, CaseIterable {
  /// Single precision through OpenBLAS: the reference precision.
  case single = "f32"
  /// Weights and activations are rounded to bfloat16; weights are packed once.
  case bfloat16 = "bf16"
  /// Weights and activations are rounded to 8-bit integers with scales: weights in groups of 128
  /// inputs, activations per row. Attention is computed in bfloat16.
  case int8

  /// Memory of `count` weights in bytes, including scales; nil on overflow.
  public func bytes(weights count: Int) -> Int? {
    let (bytes, overflow) =
      switch self {
      case .single: count.multipliedReportingOverflow(by: 4)
      case .bfloat16: count.multipliedReportingOverflow(by: 2)
      case .int8: count.addingReportingOverflow((count / 128 + min(1, count % 128)) * 8)
      }
    return overflow ? nil : bytes
  }

  /// Whether matrix products in this precision are at least as fast as in single precision on this
  /// processor.
  public var isFast: Bool { ProductPath(self).map { $0 != .portable } ?? true }
}

/// Activations converted to the precision of a matrix product; may be used by several products.
public enum Activations: Sendable {
  case single(Tensor)
  case rounded(BFloat16Rows)
  case quantized(Int8Rows)

  public init(_ x: Tensor, _ precision: Precision) {
    switch precision {
    case .single: self = .single(x)
    case .bfloat16: self = .rounded(BFloat16Rows(x))
    case .int8: self = .quantized(Int8Rows(x))
    }
  }

  /// The output of attention, which is bfloat16 in every precision except single.
  init(_ x: BFloat16Rows, _ precision: Precision) {
    self = precision == .int8 ? .quantized(Int8Rows(x)) : .rounded(x)
  }

  public var rows: Int {
    switch self {
    case .single(let x): x.rows
    case .rounded(let x): x.rows
    case .quantized(let x): x.rows
    }
  }

  public var columns: Int {
    switch self {
    case .single(let x): x.columns
    case .rounded(let x): x.columns
    case .quantized(let x): x.columns
    }
  }

  /// A range of rows, without a copy.
  public func rows(_ range: Range<Int>) -> Activations {
    switch self {
    case _ where range == 0..<rows: self
    case .single(let x): .single(x.rows(range))
    case .rounded(let x): .rounded(x.rows(range))
    case .quantized(let x): .quantized(x.rows(range))
    }
  }
}

extension Activations {
  /// RMSNorm of each row, converted to `precision`; see `Tensor.rootMeanSquareNormalized`.
  public init(
    rootMeanSquareNormalizing x: Tensor, weight: [Float], epsilon: Float, _ precision: Precision
  ) {
    self.init(x, precision) { row, normal in
      kernel_rms_norm(row, x.columns, weight, epsilon, normal)
    }
  }

  /// LayerNorm of each row, converted to `precision`; see `Tensor.layerNormalized`.
  public init(
    layerNormalizing x: Tensor, weight: [Float], bias: [Float], epsilon: Float,
    _ precision: Precision
  ) {
    self.init(x, precision) { row, normal in
      kernel_layer_norm(row, x.columns, weight, bias, epsilon, normal)
    }
  }

  /// Applies `map` to each row and converts the result to `precision`.
  private init(
    _ x: Tensor, _ precision: Precision,
    _ map: (UnsafePointer<Float>, UnsafeMutablePointer<Float>) -> Void
  ) {
    switch precision {
    case .single: self = .single(x.mappingRows(map))
    case .bfloat16: self = .rounded(BFloat16Rows(x, map))
    case .int8: self = .quantized(Int8Rows(x, map))
    }
  }
}
