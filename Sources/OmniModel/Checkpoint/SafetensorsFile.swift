import Basics
import Foundation
import Tensors

/// A memory-mapped `.safetensors` file, with its JSON header parsed and validated against the file
/// size.
struct SafetensorsFile: Sendable {
  struct Entry: Sendable {
    let type: String
    let shape: [Int]
    /// The tensor's byte range in the file.
    let range: Range<Int>
  }

  let entries: [String: Entry]
  let file: MappedFile
  /// Checksum of the JSON header's bytes.
  let headerChecksum: UInt64

  /// Maximum size of a safetensors header: ten times the largest published one. The format allows
  /// 100 MB, but decoding needs about forty times as much memory.
  static let headerLimit = 32 << 20

  init(_ path: String) throws(CheckpointError) {
    file = try MappedFile(path)
    guard file.count >= 8 else {
      throw .badHeader(path: path, offset: 0, reason: "the file has \(file.count) bytes, no header")
    }
    let length = file.withBytes(0..<8) { $0.loadUnaligned(as: UInt64.self).littleEndian }
    guard length <= UInt64(min(Self.headerLimit, file.count - 8)) else {
      throw .badHeader(
        path: path, offset: 0,
        reason: "the header length is \(length) bytes, the file has \(file.count - 8)")
    }
    let body = 8 + Int(length)
    let header = file.withBytes(8..<body) { Data($0) }
    headerChecksum = file.withBytes(8..<body) { Checksum.of($0) } ?? 0
    entries = try Self.parse(header, path: path, body: body, end: file.count)
  }

  private static func parse(
    _ header: Data, path: String, body: Int, end: Int
  ) throws(CheckpointError) -> [String: Entry] {
    guard
      let table = try? JSONDecoder().decode(
        [String: SafetensorsEntryFile].self, fromOutside: header)
    else {
      throw .badHeader(path: path, offset: 8, reason: "the header is not a JSON table of tensors")
    }
    var entries: [String: Entry] = [:]
    for (name, raw) in table where name != "__metadata__" {
      entries[name] = try entry(name, raw, path: path, body: body, end: end)
    }
    try checkOverlaps(entries, path: path)
    return entries
  }

  private static func entry(
    _ name: String, _ raw: SafetensorsEntryFile, path: String, body: Int, end: Int
  ) throws(CheckpointError) -> Entry {
    func wrong(_ reason: String) -> CheckpointError {
      .badHeader(path: path, offset: 8, reason: "tensor \(name): \(reason)")
    }
    guard let type = raw.dtype, let shape = raw.shape, let offsets = raw.data_offsets else {
      throw wrong("dtype, shape or data_offsets is missing or has the wrong type")
    }
    guard offsets.count == 2, offsets[0] >= 0, offsets[1] >= offsets[0], offsets[1] <= end - body
    else {
      throw wrong("data_offsets \(offsets) are outside the \(end - body) bytes of data")
    }
    var elements = 1
    for size in shape {
      let (product, overflow) = elements.multipliedReportingOverflow(by: size)
      guard size >= 0, !overflow else { throw wrong("shape \(shape) is invalid") }
      elements = product
    }
    if let width = ElementType(rawValue: type)?.width {
      let (bytes, overflow) = elements.multipliedReportingOverflow(by: width)
      guard !overflow, bytes == offsets[1] - offsets[0] else {
        throw wrong("shape \(shape) of \(type) does not occupy \(offsets[1] - offsets[0]) bytes")
      }
    }
    // Elements of unknown types take at least one bit.
    guard elements / 8 <= offsets[1] - offsets[0] else {
      throw wrong("shape \(shape) of \(type) exceeds \(offsets[1] - offsets[0]) bytes")
    }
    return Entry(type: type, shape: shape, range: body + offsets[0]..<body + offsets[1])
  }

  private static func checkOverlaps(
    _ entries: [String: Entry], path: String
  ) throws(CheckpointError) {
    let ordered = entries.filter { !$0.value.range.isEmpty }
      .sorted { $0.value.range.lowerBound < $1.value.range.lowerBound }
    for (first, second) in zip(ordered, ordered.dropFirst())
    where second.value.range.lowerBound < first.value.range.upperBound {
      throw .badHeader(
        path: path, offset: 8, reason: "tensors \(first.key) and \(second.key) overlap")
    }
  }
}
/// Element types of stored weights.
enum ElementType: String, Sendable {
  case float32 = "F32"
  case bfloat16 = "BF16"
  case float16 = "F16"

  var width: Int { self == .float32 ? 4 : 2 }

  /// Name of the element type as in `torch_dtype`.
  var name: String {
    switch self {
    case .float32: "float32"
    case .bfloat16: "bfloat16"
    case .float16: "float16"
    }
  }

  /// Converts stored elements of this type to single precision.
  func floats(_ bytes: UnsafeRawBufferPointer) -> [Float] {
    [Float](unsafeUninitializedCapacity: bytes.count / width) { floats, initialized in
      initialized = bytes.count / width
      widen(bytes, to: UnsafeMutableBufferPointer(rebasing: floats[..<initialized]))
    }
  }

  /// Converts stored elements of this type to single precision in uninitialised memory for the same
  /// number of floats.
  func widen(_ bytes: UnsafeRawBufferPointer, to floats: UnsafeMutableBufferPointer<Float>) {
    switch self {
    case .float32:
      UnsafeMutableRawBufferPointer(floats).copyMemory(from: bytes)
    case .bfloat16:
      for index in floats.indices {
        let bits = bytes.loadUnaligned(fromByteOffset: 2 * index, as: UInt16.self)
        floats[index] = Float(bitPattern: UInt32(UInt16(littleEndian: bits)) << 16)
      }
    case .float16:
      for index in floats.indices {
        let bits = bytes.loadUnaligned(fromByteOffset: 2 * index, as: UInt16.self)
        floats[index] = Float(Float16(bitPattern: UInt16(littleEndian: bits)))
      }
    }
  }
}
