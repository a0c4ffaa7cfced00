/// One stored tensor of a quantised matrix, of any element type.
struct StoredPart: Sendable {
  /// Stored name of the tensor, with prefixes.
  let name: String
  /// Element type: `dtype` in the safetensors header.
  let type: String
  let shape: [Int]
  let file: MappedFile
  let range: Range<Int>
  /// Keeps the bytes mapped; nil if they are not.
  private var view: FileView?

  init(name: String, type: String, shape: [Int], file: MappedFile, range: Range<Int>) {
    (self.name, self.type, self.shape, self.file, self.range) = (name, type, shape, file, range)
  }

  /// The same part, which stays mapped during the lifetime of the copy.
  var mapped: StoredPart {
    var part = self
    part.view = file.mapped(range)
    return part
  }

  var path: String { file.path }
  var count: Int { shape.reduce(1, *) }
  /// The bytes of a mapped part; empty for others.
  var bytes: UnsafeRawBufferPointer { view?.bytes ?? .init(start: nil, count: 0) }

  func release() { file.release(range) }

  /// Valid numbers of outputs or inputs of a matrix.
  static let sides = 1...1 << 28

  /// Bytes per element of a stored type; nil for unsupported types.
  static func width(_ type: String) -> Int? {
    switch type {
    case "I8", "U8", "F8_E4M3", "F8_E5M2", "F8_E8M0", "BOOL": 1
    case "F16", "BF16", "I16": 2
    case "F32", "I32", "U32": 4
    case "F64", "I64": 8
    default: nil
    }
  }

  /// Elements of a 32- or 64-bit integer tensor; nil for other types.
  var integers: [Int]? {
    let part = mapped
    defer { withExtendedLifetime(part) {} }
    let bytes = part.bytes
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
