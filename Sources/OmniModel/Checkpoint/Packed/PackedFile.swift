import Basics
import Foundation
import Tensors

/// A memory-mapped file of packed weights. The first page stores the position of the table, then
/// come the page-aligned panels of each matrix, then the table in JSON:
///
///     0   "seats-top packed"
///     16  offset, size and checksum of the table: 64 bits each, little-endian
struct PackedFile: Sendable {
  /// The table of a packed file: format version, checkpoint and matrices.
  struct Table: Sendable, Codable, Equatable {
    /// Versions of the file format and of the panel layout.
    let format, layout: Int
    let source: CheckpointIdentity
    let matrices: [Matrix]
  }

  struct Matrix: Sendable, Codable, Equatable {
    let name: String
    let outputs, inputs: Int
    let isPaired: Bool
    /// Byte offset of the matrix's panels in the file.
    let offset: Int
    let checksum: UInt64
  }

  static let format = 1
  static let magic = Array("seats-top packed".utf8)
  /// Alignment of panels in bytes.
  static let pageBytes = 4096
  /// Maximum size of the table in bytes: several times that of the largest published checkpoint.
  static let tableLimit = 32 << 20

  let table: Table
  private let file: MappedFile
  private let matrices: [String: Matrix]
  /// Byte offset where the panels end.
  private let end: Int

  /// Opens a packed file and validates its first page and table; panels are verified on first use.
  init(_ path: String) throws(PackedCacheFault) {
    let file: MappedFile
    do {
      file = try MappedFile(path)
    } catch {
      throw .unreadable(path: path, reason: error.reason)
    }
    func damaged(_ reason: String) -> PackedCacheFault { .damaged(path: path, reason: reason) }
    guard file.count >= Self.pageBytes, file.withBytes(0..<16, { $0.elementsEqual(Self.magic) })
    else { throw damaged("not a file of packed weights") }
    let numbers = file.withBytes(16..<40) { bytes in
      (0..<3).map { bytes.loadUnaligned(fromByteOffset: 8 * $0, as: UInt64.self).littleEndian }
    }
    guard numbers[0] >= UInt64(Self.pageBytes), numbers[0] <= UInt64(file.count),
      numbers[1] == UInt64(file.count) - numbers[0], numbers[1] <= UInt64(Self.tableLimit)
    else { throw damaged("truncated, or with trailing bytes") }
    let start = Int(numbers[0])
    let (json, checksum) = file.withBytes(start..<file.count) { (Data($0), Checksum.of($0)) }
    guard checksum == numbers[2],
      let table = try? JSONDecoder().decode(Table.self, fromOutside: json)
    else { throw damaged("the table is invalid") }
    self.file = file
    self.table = table
    end = start
    matrices = Dictionary(table.matrices.map { ($0.name, $0) }) { first, _ in first }
  }

  /// Whether the file contains the weights of this checkpoint in the current layout.
  func isCurrent(for source: CheckpointIdentity) -> Bool {
    table.format == Self.format && table.layout == PackedMatrix.layoutVersion
      && table.source == source
  }

  /// A packed matrix of the file; nil if there is none with this name and shape.
  /// - Parameter remake: packs the matrix again if its panels are damaged.
  /// - Throws: `AllocationFailure` if the panels cannot be mapped.
  func matrix(
    _ name: String, outputs: Int, inputs: Int, isPaired: Bool,
    remake: @escaping @Sendable () throws(AllocationFailure) -> PackedMatrix
  ) throws(AllocationFailure) -> PackedMatrix? {
    guard let found = matrices[name], found.outputs == outputs, found.inputs == inputs,
      found.isPaired == isPaired, let range = range(of: found)
    else { return nil }
    let view = try file.view(range)
    return PackedMatrix(
      outputs: outputs, inputs: inputs, isPaired: isPaired,
      StoredPanels(
        bytes: view.bytes, checksum: found.checksum, owner: view,
        release: { [file] in file.release(range) }, remake: remake))
  }

  /// The byte range of a matrix's panels in the file; nil if there is no matrix with this name.
  func place(of name: String) -> FileRange? {
    matrices[name].flatMap(range(of:)).map { FileRange(file: file, range: $0) }
  }

  /// Whether any matrix of the file is damaged. Reads the whole file.
  var hasDamage: Bool {
    table.matrices.contains { matrix in
      guard let range = range(of: matrix) else { return true }
      defer { file.release(range) }
      return file.withBytes(range) { Checksum.of($0) } != matrix.checksum
    }
  }

  /// Byte range of a matrix's panels; nil if it exceeds the file.
  private func range(of matrix: Matrix) -> Range<Int>? {
    let sizes = 1...1 << 28
    guard sizes.contains(matrix.outputs), sizes.contains(matrix.inputs) else { return nil }
    let count = PackedMatrix.byteCount(
      outputs: matrix.outputs, inputs: matrix.inputs, isPaired: matrix.isPaired)
    guard matrix.offset >= Self.pageBytes, matrix.offset % Self.pageBytes == 0,
      matrix.offset <= end, count <= end - matrix.offset
    else { return nil }
    return matrix.offset..<matrix.offset + count
  }
}

extension CheckpointError {
  /// The system's error message in short form.
  fileprivate var reason: String {
    if case .unreadable(_, let reason) = self { reason } else { "no such file" }
  }
}
