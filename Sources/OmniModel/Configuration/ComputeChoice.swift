import Tensors

/// What products are to be computed in.
public enum ComputeChoice: String, Sendable, CaseIterable {
  case auto, bf16, f32, int8

  /// From here on a checkpoint's time matters more than the last digits of its results.
  static let leastParameters = 100_000_000

  /// `auto` takes bfloat16 for weights stored in 16 bits, a hundred million of them or more, where the
  /// processor is no slower in it than in single precision. All else is computed in single precision,
  /// the reference.
  func precision(stored type: ElementType?, parameters: Int) -> Precision {
    switch self {
    case .bf16: return .bfloat16
    case .f32: return .single
    case .int8: return .int8
    case .auto:
      let isHalf = type == .bfloat16 || type == .float16
      let pays = parameters >= Self.leastParameters && Precision.bfloat16.isFast
      return isHalf && pays ? .bfloat16 : .single
    }
  }
}
