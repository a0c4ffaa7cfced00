/// A tensor of a file, of any type: one of several that make a quantised matrix.
struct StoredPart: Sendable {
  /// As it is stored, with its prefix.
  let name: String
  /// The `dtype` of the file's header.
  let type: String
  let shape: [Int]
  let file: MappedFile
  let range: Range<Int>

  var path: String { file.path }
  var count: Int { shape.reduce(1, *) }
  var bytes: UnsafeRawBufferPointer { file.bytes(range) }

  func release() { file.release(range) }

  /// Outputs or inputs that a matrix may have.
  static let sides = 1...1 << 28

  /// Bytes of one number of a type that quantised matrices are made of; nil for others.
  static func width(_ type: String) -> Int? {
    switch type {
    case "I8", "U8", "F8_E4M3", "F8_E5M2", "F8_E8M0", "BOOL": 1
    case "F16", "BF16", "I16": 2
    case "F32", "I32", "U32": 4
    case "F64", "I64": 8
    default: nil
    }
  }

  /// Whole numbers of 32 or 64 bits; nil for other types.
  var integers: [Int]? {
    let bytes = bytes
    switch type {
    case "I32":
      return (0..<count).map {
        Int(Int32(littleEndian: bytes.loadUnaligned(fromByteOffset: 4 * $0, as: Int32.self)))
      }
    case "I64":
      return (0..<count).map {
        Int(Int64(littleEndian: bytes.loadUnaligned(fromByteOffset: 8 * $0, as: Int64.self)))
      }
    default: return nil
    }
  }
}
