import CKernels

/// The precision products are computed in; sums are always single precision.
public enum Precision: String, Sendable, Codable, CaseIterable {
  /// Single precision through OpenBLAS: the reference.
  case single = "f32"
  /// Both sides rounded to bfloat16, weights packed once.
  case bfloat16 = "bf16"

  /// Bytes that a weight takes in memory.
  public var bytesPerWeight: Int { self == .single ? 4 : 2 }

  /// Whether the processor multiplies in this precision itself.
  public var isNative: Bool { self == .single || kernel_bf16_is_native() }
}

/// Rows to be multiplied by weights, in the precision of the product. One of them serves several
/// products.
public enum Activations: Sendable {
  case single(Tensor)
  case rounded(BFloat16Rows)

  public init(_ x: Tensor, _ precision: Precision) {
    switch precision {
    case .single: self = .single(x)
    case .bfloat16: self = .rounded(BFloat16Rows(x))
    }
  }

  public var rows: Int {
    switch self {
    case .single(let x): x.rows
    case .rounded(let x): x.rows
    }
  }

  public var columns: Int {
    switch self {
    case .single(let x): x.columns
    case .rounded(let x): x.columns
    }
  }

  /// Some of the rows.
  public func rows(_ range: Range<Int>) -> Activations {
    switch self {
    case _ where range == 0..<rows: self
    case .single(let x): .single(x.rows(range))
    case .rounded(let x): .rounded(x.rows(range))
    }
  }
}

extension Activations {
  /// As `Tensor.rootMeanSquareNormalized`.
  public init(
    rootMeanSquareNormalizing x: Tensor, weight: [Float], epsilon: Float, _ precision: Precision
  ) {
    switch precision {
    case .single:
      self = .single(x.rootMeanSquareNormalized(weight: weight, epsilon: epsilon))
    case .bfloat16:
      self = .rounded(
        BFloat16Rows(x) { row, normal in
          kernel_rms_norm(row, x.columns, weight, epsilon, normal)
        })
    }
  }

  /// As `Tensor.layerNormalized`.
  public init(
    layerNormalizing x: Tensor, weight: [Float], bias: [Float], epsilon: Float,
    _ precision: Precision
  ) {
    switch precision {
    case .single:
      self = .single(x.layerNormalized(weight: weight, bias: bias, epsilon: epsilon))
    case .bfloat16:
      self = .rounded(
        BFloat16Rows(x) { row, normal in
          kernel_layer_norm(row, x.columns, weight, bias, epsilon, normal)
        })
    }
  }
}
