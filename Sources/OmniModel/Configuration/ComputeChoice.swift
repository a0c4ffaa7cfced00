import Tensors

/// The `--compute` option: precision of matrix products.
public enum ComputeChoice: String, Sendable, CaseIterable {
  case auto, bf16, f32, int8

  /// Number of parameters from which `auto` may choose bfloat16.
  static let leastParameters = 100_000_000

  /// The precision to compute in. `auto` chooses bfloat16 for at least 100 million weights stored
  /// in 16 bits, if the processor multiplies bfloat16 at least as fast as single precision;
  /// otherwise single precision, which is the reference.
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

/// Kinds of checkpoints that `--compute auto` distinguishes.
public enum StoredKind: String, Sendable, CaseIterable {
  /// Most weights are stored as F32.
  case single
  /// Weights are stored as BF16 or F16, with fewer than 100 million parameters.
  case smallHalf
  /// Weights are stored as BF16 or F16, with at least 100 million parameters.
  case half
  /// Weights are quantised to FP8 or to integers of 8 or 4 bits, and decoded to 16 bits.
  case quantized

  /// The precision that `auto` chooses on this processor.
  public var automaticPrecision: Precision {
    let parameters =
      self == .smallHalf ? ComputeChoice.leastParameters - 1 : ComputeChoice.leastParameters
    return ComputeChoice.auto.precision(
      stored: self == .single ? .float32 : .bfloat16, parameters: parameters)
  }
}
