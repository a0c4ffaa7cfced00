import Basics
import Foundation
import Tensors

/// A message of the engine protocol: a JSON header, and raw tensors.
struct EngineFrame: Sendable {
  /// Size of the two length fields in front of a frame, in bytes.
  static let prefix = 12
  /// Maximum size of header and payload, in bytes.
  static let mostHeader = 1 << 24
  static let mostPayload = 1 << 31
  static let mostTensors = 4096

  let header: [String: JSONValue]
  let tensors: [String: EngineTensor]

  subscript(key: String) -> JSONValue? { header[key] }

  /// Lengths of header and payload of the frame that begins with these 12 bytes.
  /// - Throws: `EngineFault` if they exceed the maximum.
  static func lengths(
    _ bytes: some Collection<UInt8>
  ) throws(EngineFrameFault) -> (header: Int, payload: Int) {
    func number(_ bytes: some BidirectionalCollection<UInt8>) -> UInt64 {
      bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }
    let bytes = Array(bytes.prefix(prefix))
    guard bytes.count == prefix else { throw .cut }
    let (header, payload) = (number(bytes[0..<4]), number(bytes[4..<12]))
    guard header <= mostHeader, payload <= mostPayload else {
      throw .tooLarge(header: header, payload: payload)
    }
    return (Int(header), Int(payload))
  }

  /// Takes the first frame from bytes as they arrive.
  /// - Returns: nil while the frame is incomplete; `bytes` are then unchanged.
  static func first(of bytes: inout Data) throws(EngineFrameFault) -> EngineFrame? {
    guard bytes.count >= prefix else { return nil }
    let lengths = try lengths(bytes)
    let whole = prefix + lengths.header + lengths.payload
    guard bytes.count >= whole else { return nil }
    let start = bytes.startIndex + prefix
    let middle = start + lengths.header
    let frame = try EngineFrame(
      header: Data(bytes[start..<middle]), payload: Data(bytes[middle..<middle + lengths.payload]))
    bytes = bytes.dropFirst(whole)
    return frame
  }

  /// Parses a frame.
  init(header: Data, payload: Data) throws(EngineFrameFault) {
    let value: JSONValue
    do {
      value = try JSONDecoder().decode(JSONValue.self, fromOutside: header)
    } catch {
      throw .header
    }
    guard let object = value.object else { throw .header }
    let stated = object["tensors"]?.array ?? []
    guard stated.count <= Self.mostTensors, object["tensors"].map({ $0.array != nil }) ?? true
    else { throw .tensors }
    var tensors: [String: EngineTensor] = [:]
    var at = payload.startIndex
    for entry in stated {
      let (name, tensor) = try Self.tensor(entry, payload[at...])
      guard tensors.updateValue(tensor, forKey: name) == nil else { throw .tensors }
      at += tensor.bytes.count
    }
    guard at == payload.endIndex else { throw .tensors }
    self.header = object
    self.tensors = tensors
  }

  private static func tensor(
    _ entry: JSONValue, _ rest: Data
  ) throws(EngineFrameFault) -> (String, EngineTensor) {
    guard let parts = entry.array, parts.count == 3, let name = parts[0].string,
      let type = parts[1].string.flatMap(EngineTensor.Kind.init(rawValue:)),
      let sizes = parts[2].array, sizes.count <= 8
    else { throw .tensors }
    let shape = sizes.compactMap(\.integer)
    guard shape.count == sizes.count, shape.allSatisfy({ 0...mostPayload ~= $0 }) else {
      throw .tensors
    }
    var bytes = type.size
    for size in shape {
      let (product, isOver) = bytes.multipliedReportingOverflow(by: size)
      guard !isOver, product <= mostPayload else { throw .tensors }
      bytes = product
    }
    guard bytes <= rest.count else { throw .tensors }
    return (name, EngineTensor(kind: type, shape: shape, bytes: rest.prefix(bytes)))
  }

  /// Serialises a frame.
  /// - Parameter header: encoded with sorted keys.
  static func bytes(
    _ header: [String: RequestValue], _ tensors: [(name: String, tensor: EngineTensor)]
  ) -> Data? {
    var header = header
    if !tensors.isEmpty {
      header["tensors"] = .list(
        tensors.map { name, tensor in
          .list([
            .text(name), .text(tensor.kind.rawValue), .list(tensor.shape.map(RequestValue.number)),
          ])
        })
    }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    guard let head = try? encoder.encode(header) else { return nil }
    let size = tensors.reduce(0) { $0 + $1.tensor.bytes.count }
    guard head.count <= mostHeader, size <= mostPayload else { return nil }
    var frame = Data(capacity: prefix + head.count + size)
    withUnsafeBytes(of: UInt32(head.count).littleEndian) { frame.append(contentsOf: $0) }
    withUnsafeBytes(of: UInt64(size).littleEndian) { frame.append(contentsOf: $0) }
    frame.append(head)
    for (_, tensor) in tensors { frame.append(tensor.bytes) }
    return frame
  }
}

/// Reason why bytes are not a valid frame.
enum EngineFrameFault: Error, Equatable {
  case cut
  case tooLarge(header: UInt64, payload: UInt64)
  /// The header is not a JSON object.
  case header
  /// The list of tensors does not fit the payload.
  case tensors

  /// A short reason for error messages.
  var reason: String {
    switch self {
    case .cut: "a frame that ends early"
    case .tooLarge(let header, let payload): "a frame of \(header) + \(payload) bytes"
    case .header: "a header that is not a JSON object"
    case .tensors: "tensors that do not fit their frame"
    }
  }
}

/// A tensor of a frame: raw little-endian elements, row-major.
struct EngineTensor: Sendable {
  enum Kind: String, Sendable {
    case f32, bf16, f16, u32, u8

    var size: Int {
      switch self {
      case .f32, .u32: 4
      case .bf16, .f16: 2
      case .u8: 1
      }
    }
  }

  let kind: Kind
  let shape: [Int]
  let bytes: Data

  init(kind: Kind, shape: [Int], bytes: Data) {
    (self.kind, self.shape, self.bytes) = (kind, shape, bytes)
  }

  /// Indices or ids, [count].
  init(_ numbers: [Int]) {
    let words = numbers.map { UInt32(truncatingIfNeeded: $0).littleEndian }
    self.init(
      kind: .u32, shape: [numbers.count], bytes: words.withUnsafeBytes { Data($0) })
  }

  init(_ tensor: Tensor) {
    self.init(
      kind: .f32, shape: tensor.shape, bytes: tensor.elements.withUnsafeBytes { Data($0) })
  }

  /// A bfloat16 tensor, rounded to nearest with ties to even, as torch does.
  init(bfloat16 tensor: Tensor) {
    let words = tensor.elements.map { value -> UInt16 in
      let bits = value.bitPattern
      guard value.isFinite else { return UInt16(bits >> 16) }
      return UInt16((bits + 0x7FFF + (bits >> 16 & 1)) >> 16)
    }
    self.init(kind: .bf16, shape: tensor.shape, bytes: words.withUnsafeBytes { Data($0) })
  }

  /// The elements of an `f32`, `bf16` or `f16` tensor; nil for another type.
  var floats: [Float]? {
    switch kind {
    case .f32:
      [Float](unsafeUninitializedCapacity: bytes.count / 4) { buffer, filled in
        filled = bytes.count / 4
        bytes.copyBytes(to: UnsafeMutableRawBufferPointer(buffer), count: filled * 4)
      }
    case .bf16: elements { Float(bitPattern: UInt32($0 as UInt16) << 16) }
    case .f16: elements { Float(Float16(bitPattern: $0)) }
    case .u32, .u8: nil
    }
  }

  /// The bytes as elements of a type, converted.
  private func elements<Element>(_ convert: (Element) -> Float) -> [Float] {
    let size = MemoryLayout<Element>.size
    let count = bytes.count / size
    return bytes.withUnsafeBytes { raw in
      (0..<count).map { convert(raw.loadUnaligned(fromByteOffset: $0 * size, as: Element.self)) }
    }
  }
}

/// A value of a request's header.
indirect enum RequestValue: Sendable, Encodable {
  case number(Int)
  case real(Double)
  case text(String)
  case list([RequestValue])
  case truth(Bool)
  case object([String: RequestValue])

  func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .number(let value): try container.encode(value)
    case .real(let value): try container.encode(value)
    case .text(let value): try container.encode(value)
    case .list(let value): try container.encode(value)
    case .truth(let value): try container.encode(value)
    case .object(let value): try container.encode(value)
    }
  }
}
