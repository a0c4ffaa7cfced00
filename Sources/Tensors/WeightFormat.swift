import CKernels

/// Element type of a weight matrix in a file.
public enum WeightFormat: Sendable {
  case bfloat16
  case float16
  case float32

  /// Bytes per element.
  var width: Int { self == .float32 ? 4 : 2 }

  /// Calls `read` with the elements converted to single precision.
  func withFloats(
    _ numbers: UnsafeRawPointer, count: Int, _ read: (UnsafePointer<Float>) -> Void
  ) {
    if self == .float32 { return read(numbers.assumingMemoryBound(to: Float.self)) }
    withUnsafeTemporaryAllocation(of: Float.self, capacity: max(1, count)) { wide in
      guard let wide = wide.baseAddress else { return }
      if self == .bfloat16 {
        kernel_bf16_widen(numbers.assumingMemoryBound(to: UInt16.self), count, wide)
      } else {
        for index in 0..<count {
          let bits = numbers.loadUnaligned(fromByteOffset: 2 * index, as: UInt16.self)
          wide[index] = Float(Float16(bitPattern: bits))
        }
      }
      read(wide)
    }
  }
}
