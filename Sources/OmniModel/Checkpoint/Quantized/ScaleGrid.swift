/// The scales of a quantised matrix: one per block.
struct ScaleGrid: Sendable {
  /// Size of a block, in outputs and inputs.
  struct Block: Sendable, Equatable {
    let outputs, inputs: Int
  }

  let part: StoredPart
  let type: Kind
  let block: Block
  /// Elements of a stored row.
  let columns: Int
  /// Whether rows are inputs and columns outputs.
  var isTransposed = false

  enum Kind: String, Sendable {
    case float32 = "F32"
    case bfloat16 = "BF16"
    case float16 = "F16"
    /// 2 to a power from −127 to 127.
    case exponent = "F8_E8M0"
    /// The same exponents stored as bytes.
    case exponentByte = "U8"

    /// The result type of products with such scales in torch.
    var rounding: Rounding? {
      switch self {
      case .float32: .single
      case .bfloat16: .bfloat16
      case .float16: .float16
      case .exponent, .exponentByte: nil
      }
    }
  }

  /// The scale of a group of inputs of an output.
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
