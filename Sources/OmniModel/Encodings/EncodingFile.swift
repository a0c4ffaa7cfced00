import Basics
import Foundation
import Tensors

/// A file of encoder outputs. The first page stores the position of the table, then come the
/// tensors, then the table in JSON:
///
///     0   "seats-top encode"
///     16  offset, size and checksum of the table: 64 bits each, little-endian
struct EncodingFile: Sendable {
  struct Table: Codable {
    let format: Int
    let key: EncodingKey
    let headWidth, group: Int
    let order: [Int]?
    let flops: Double
    /// The stored tensors: features, queries, keys, then DeepStack features for decoder layers.
    let tensors: [Item]
  }

  struct Item: Codable {
    let shape: [Int]
    let offset: Int
    let checksum: UInt64

    /// Size of the tensor in bytes; nil on overflow.
    var count: Int? {
      var count = MemoryLayout<Float>.size
      for size in shape {
        guard size >= 0 else { return nil }
        let (product, overflow) = count.multipliedReportingOverflow(by: size)
        guard !overflow else { return nil }
        count = product
      }
      return count
    }
  }

  static let format = 2
  private static let magic = Array("seats-top encode".utf8)
  private static let pageBytes = 4096
  private static let tableLimit = 32 << 20

  let table: Table
  private let file: MappedFile
  private let end: Int

  /// Opens a file and validates its first page and table.
  init(_ path: String) throws(EncodingFault) {
    do {
      file = try MappedFile(path)
    } catch {
      throw EncodingFault(reason: "it cannot be read")
    }
    guard file.count >= Self.pageBytes, file.withBytes(0..<16, { $0.elementsEqual(Self.magic) })
    else { throw EncodingFault(reason: "it is no file of encoder outputs") }
    let numbers = file.withBytes(16..<40) { bytes in
      (0..<3).map { bytes.loadUnaligned(fromByteOffset: 8 * $0, as: UInt64.self).littleEndian }
    }
    guard numbers[0] >= UInt64(Self.pageBytes), numbers[0] <= UInt64(file.count),
      numbers[1] == UInt64(file.count) - numbers[0], numbers[1] <= UInt64(Self.tableLimit)
    else { throw EncodingFault(reason: "its end is missing, or something follows it") }
    end = Int(numbers[0])
    let (json, checksum) = file.withBytes(end..<file.count) { (Data($0), Checksum.of($0)) }
    guard checksum == numbers[2],
      let table = try? JSONDecoder().decode(Table.self, fromOutside: json),
      table.format == Self.format, table.tensors.count >= 3
    else { throw EncodingFault(reason: "its table is broken") }
    self.table = table
  }

  /// Reads and verifies the tensors.
  func encoding() throws(EncodingFault) -> EncodedModality {
    var tensors: [Tensor] = []
    for item in table.tensors { tensors.append(try tensor(item)) }
    guard let precision = Precision(rawValue: table.key.precision) else {
      throw EncodingFault(reason: "its precision is not known")
    }
    return EncodedModality(
      features: tensors[0],
      attention: EncoderAttention(
        queries: tensors[1], keys: tensors[2], headWidth: table.headWidth, group: table.group,
        order: table.order, precision: precision),
      deepstack: Array(tensors[3...]), flops: table.flops)
  }

  /// Whether the file is damaged: a checksum differs.
  var hasDamage: Bool { (try? encoding()) == nil }

  private func tensor(_ item: Item) throws(EncodingFault) -> Tensor {
    guard let count = item.count, item.offset >= Self.pageBytes, item.offset <= end,
      count <= end - item.offset
    else { throw EncodingFault(reason: "its table is broken") }
    let range = item.offset..<item.offset + count
    defer { file.release(range) }
    let view = file.mapped(range)
    defer { withExtendedLifetime(view) {} }
    let bytes = view.bytes
    guard Checksum.of(bytes) == item.checksum else {
      throw EncodingFault(reason: "a tensor is not what was written")
    }
    let floats = [Float](unsafeUninitializedCapacity: count / 4) { floats, initialized in
      UnsafeMutableRawBufferPointer(floats).copyMemory(from: bytes)
      initialized = count / 4
    }
    return Tensor(item.shape, floats)
  }
}

extension EncodingFile {
  private static func tensors(_ encoding: EncodedModality) -> [Tensor] {
    [encoding.features, encoding.attention.queries, encoding.attention.keys] + encoding.deepstack
  }

  /// Approximate size of the file in bytes.
  static func byteCount(_ encoding: EncodedModality) -> Int {
    tensors(encoding).reduce(2 * pageBytes) { $0 + $1.byteCount }
  }

  /// Writes a temporary file in the same directory and renames it to `path`.
  static func write(
    _ encoding: EncodedModality, _ key: EncodingKey, to path: String
  ) throws(EncodingFault) {
    let partial =
      "\(path.dropLast(EncoderCache.suffix.count))-\(getpid())\(EncoderCache.suffix)"
      + PackedFileWriter.partialSuffix
    unlink(partial)
    let descriptor = open(partial, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard descriptor >= 0 else { throw .system }
    defer { close(descriptor) }
    do throws(EncodingFault) {
      try write(encoding, key, descriptor)
      guard rename(partial, path) == 0 else { throw .system }
    } catch {
      unlink(partial)
      throw error
    }
  }

  private static func write(
    _ encoding: EncodedModality, _ key: EncodingKey, _ descriptor: Int32
  ) throws(EncodingFault) {
    var (items, offset): ([Item], Int) = ([], pageBytes)
    for tensor in tensors(encoding) {
      let checksum = tensor.elements.withUnsafeBytes { Checksum.of($0) }
      guard let checksum else { throw EncodingFault(reason: "the run was stopped") }
      items.append(Item(shape: tensor.shape, offset: offset, checksum: checksum))
      let fault = tensor.elements.withUnsafeBytes { put($0, at: offset, descriptor) }
      if let fault { throw fault }
      offset += tensor.byteCount
    }
    let table = Table(
      format: format, key: key, headWidth: encoding.attention.headWidth,
      group: encoding.attention.group, order: encoding.attention.order, flops: encoding.flops,
      tensors: items)
    guard let json = try? JSONEncoder().encode(table), json.count <= tableLimit else {
      throw EncodingFault(reason: "its table cannot be written")
    }
    var page = Data(magic)
    let checksum = json.withUnsafeBytes { Checksum.of($0) } ?? 0
    for number in [UInt64(offset), UInt64(json.count), checksum] {
      withUnsafeBytes(of: number.littleEndian) { page.append(contentsOf: $0) }
    }
    for (data, place) in [(json, offset), (page, 0)] {
      if let fault = data.withUnsafeBytes({ put($0, at: place, descriptor) }) { throw fault }
    }
  }

  private static func put(
    _ bytes: UnsafeRawBufferPointer, at offset: Int, _ descriptor: Int32
  ) -> EncodingFault? {
    var done = 0
    while done < bytes.count {
      let rest = UnsafeRawBufferPointer(rebasing: bytes[done...])
      let count = pwrite(descriptor, rest.baseAddress, rest.count, off_t(offset + done))
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return .system }
      done += count
    }
    return nil
  }
}

/// The reason why encoder outputs cannot be read or written.
struct EncodingFault: Error {
  let reason: String

  /// The error of the last system call, from `errno`.
  static var system: EncodingFault { EncodingFault(reason: String(cString: strerror(errno))) }
}
