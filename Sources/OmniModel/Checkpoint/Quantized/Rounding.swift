/// The type to which decoded weights are rounded; they are kept in single precision.
enum Rounding: Sendable, Equatable {
  case single, bfloat16, float16

  /// The element type: float16, bfloat16 or float32.
  var type: ElementType {
    switch self {
    case .single: .float32
    case .bfloat16: .bfloat16
    case .float16: .float16
    }
  }

  /// Rounds to the nearest bfloat16, ties to even.
  @inline(__always) static func toBFloat16(_ value: Float) -> Float {
    let bits = value.bitPattern
    guard bits & 0x7fff_ffff < 0x7f80_0000 else { return value }
    return Float(bitPattern: (bits &+ 0x7fff &+ (bits >> 16 & 1)) & 0xffff_0000)
  }

  /// Rounds to the nearest float16, ties to even; infinity from 65520 on.
  @inline(__always) static func toFloat16(_ value: Float) -> Float {
    let bits = value.bitPattern
    let size = bits & 0x7fff_ffff
    // The fast path below is exact for values that are normal in float16.
    guard size >= 0x3880_0000, size < 0x477f_e000 else { return Float(Float16(value)) }
    return Float(bitPattern: (bits &+ 0xfff &+ (bits >> 13 & 1)) & 0xffff_e000)
  }
}
