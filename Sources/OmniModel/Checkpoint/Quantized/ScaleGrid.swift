/// The scales of a quantised matrix, one for each block of elements.
struct ScaleGrid: Sendable {
  /// Size of the block that shares one scale, in outputs and inputs.
  struct Block: Sendable, Equatable {
    let outputs, inputs: Int
  }

  var part: StoredPart
  let type: Kind
  let block: Block
  /// Number of scales in a stored row.
  let columns: Int
  /// Whether stored rows belong to inputs, and columns to outputs.
  var isTransposed = false

  enum Kind: String, Sendable {
    case float32 = "F32"
    case bfloat16 = "BF16"
    case float16 = "F16"
    /// Powers of two, with exponents from −127 to 127.
    case exponent = "F8_E8M0"
    /// The same exponents as `F8_E8M0`, stored as plain bytes.
    case exponentByte = "U8"

    /// The result type of products with scales of this type in PyTorch.
    var rounding: Rounding? {
      switch self {
      case .float32: .single
      case .bfloat16: .bfloat16
      case .float16: .float16
      case .exponent, .exponentByte: nil
      }
    }
  }

  /// The scale of an output's group of inputs.
  func value(_ output: Int, group: Int) -> Float {
    let row = output / block.outputs
    let index = isTransposed ? group * columns + row : row * columns + group
    let bytes = part.bytes
    switch type {
    case .float32:
      let bits = bytes.loadUnaligned(fromByteOffset: 4 * index, as: UInt32.self)
      return Float(bitPattern: bits.littleEndian)
    case .bfloat16:
      let bits = bytes.loadUnaligned(fromByteOffset: 2 * index, as: UInt16.self)
      return Float(bitPattern: UInt32(bits.littleEndian) << 16)
    case .float16:
      let bits = bytes.loadUnaligned(fromByteOffset: 2 * index, as: UInt16.self)
      return Float(Float16(bitPattern: bits.littleEndian))
    case .exponent, .exponentByte:
      let code = Int(bytes[index])
      return code == 255 ? .nan : Float(sign: .plus, exponent: code - 127, significand: 1)
    }
  }
}
