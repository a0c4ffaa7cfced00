import Tensors

/// The `--compute` option: precision of products.
public enum ComputeChoice: String, Sendable, CaseIterable {
  case auto, bf16, f32, int8

  /// Size from which `auto` prefers speed to the last digits.
  static let leastParameters = 100_000_000

  /// `auto` is bfloat16 for at least 100 million weights stored in 16 bits, if the processor is at
  /// least as fast as in single precision; otherwise single precision, the reference.
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
