import Basics
import Foundation
import Synchronization
import Tensors

/// Writes packed weights to a temporary file and renames it when complete. If the writer is
/// released earlier, the temporary file is deleted.
final class PackedFileWriter: Sendable {
  private struct State {
    var matrices: [PackedFile.Matrix] = []
    var end = PackedFile.pageBytes
    var fault: PackedCacheFault?
    var isFinished = false
  }

  private let path: String
  private let partial: String
  private let descriptor: Int32
  private let state = Mutex(State())

  static let partialSuffix = ".partial"

  /// Reason why the file is not locked; nil if it is. Without a lock the temporary file has a
  /// unique name.
  let lockProblem: String?

  /// Opens a temporary file next to `path` and locks it.
  /// - Parameter lock: `flock`, replaceable in tests.
  /// - Throws: `.busy` if another process is writing the same file.
  init(
    _ path: String, lock: FileLock.Function = FileLock.system
  ) throws(PackedCacheFault) {
    self.path = path
    let shared = path + Self.partialSuffix
    let opened = open(shared, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard opened >= 0 else { throw .unwritable(path: path, reason: Self.reason) }
    do throws(PackedCacheFault) {
      switch FileLock.take(opened, with: lock) {
      case .taken: throw .busy(path: path)
      case .missing(let reason):
        (descriptor, partial) = try Self.ownFile(path, instead: shared)
        lockProblem = reason
        close(opened)
        return
      case .held: break
      }
      // Another process may have renamed the file between opening and locking.
      guard FileLock.isFile(opened, at: shared) else { throw .busy(path: path) }
      guard ftruncate(opened, 0) == 0 else {
        throw .unwritable(path: path, reason: Self.reason)
      }
    } catch {
      close(opened)
      throw error
    }
    (descriptor, partial, lockProblem) = (opened, shared, nil)
  }

  /// Creates a temporary file with a unique name.
  private static func ownFile(
    _ path: String, instead shared: String
  ) throws(PackedCacheFault) -> (Int32, String) {
    var status = stat()
    if lstat(shared, &status) == 0, status.st_size == 0 { unlink(shared) }
    let own =
      "\(path.dropLast(PackedCache.suffix.count))-\(getpid())\(PackedCache.suffix)\(partialSuffix)"
    unlink(own)
    let opened = open(own, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard opened >= 0 else { throw .unwritable(path: path, reason: reason) }
    return (opened, own)
  }

  deinit {
    if !state.withLock({ $0.isFinished }) { unlink(partial) }
    close(descriptor)
  }

  /// The first write error; nothing is written after it.
  var fault: PackedCacheFault? { state.withLock { $0.fault } }

  /// Appends a matrix; the name must be unique in the file.
  func append(_ name: String, _ matrix: PackedMatrix) {
    let checksum = matrix.withBytes { Checksum.of($0) } ?? 0
    state.withLock { state in
      guard state.fault == nil else { return }
      let offset = state.end
      state.matrices.append(
        .init(
          name: name, outputs: matrix.outputs, inputs: matrix.inputs, isPaired: matrix.isPaired,
          offset: offset, checksum: checksum))
      state.fault = matrix.withBytes { write($0, at: offset) }
      let page = PackedFile.pageBytes
      state.end = (offset + matrix.byteCount + page - 1) / page * page
    }
  }

  /// Writes the table and renames the temporary file to its final name.
  func finish(_ source: CheckpointIdentity) throws(PackedCacheFault) {
    let (matrices, end, fault) = state.withLock { ($0.matrices, $0.end, $0.fault) }
    if let fault { throw fault }
    let table = PackedFile.Table(
      format: PackedFile.format, layout: PackedMatrix.layoutVersion, source: source,
      matrices: matrices)
    guard let json = try? JSONEncoder().encode(table) else {
      throw .unwritable(path: path, reason: "cannot write the table")
    }
    var page = Data(PackedFile.magic)
    let checksum = json.withUnsafeBytes { Checksum.of($0) } ?? 0
    for number in [UInt64(end), UInt64(json.count), checksum] {
      withUnsafeBytes(of: number.littleEndian) { page.append(contentsOf: $0) }
    }
    for (data, offset) in [(json, end), (page, 0)] {
      if let fault = data.withUnsafeBytes({ write($0, at: offset) }) { throw fault }
    }
    guard rename(partial, path) == 0 else { throw .unwritable(path: path, reason: Self.reason) }
    state.withLock { $0.isFinished = true }
  }

  private func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) -> PackedCacheFault? {
    var done = 0
    while done < bytes.count {
      let rest = UnsafeRawBufferPointer(rebasing: bytes[done...])
      let count = pwrite(descriptor, rest.baseAddress, rest.count, off_t(offset + done))
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return .unwritable(path: path, reason: Self.reason) }
      done += count
    }
    return nil
  }

  /// Deletes an abandoned temporary file: one that is not locked or, where locks are not supported,
  /// was not changed for a day.
  static func removeIfAbandoned(_ partial: String, lock: FileLock.Function = FileLock.system) {
    let descriptor = open(partial, O_RDWR | O_CLOEXEC | O_NOFOLLOW)
    guard descriptor >= 0 else { return }
    defer { close(descriptor) }
    let isAbandoned =
      switch FileLock.take(descriptor, with: lock) {
      case .held: true
      case .taken: false
      case .missing: secondsSinceWritten(descriptor) > 86_400
      }
    if isAbandoned, FileLock.isFile(descriptor, at: partial) { unlink(partial) }
  }

  private static func secondsSinceWritten(_ descriptor: Int32) -> Int {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { return 0 }
    return time(nil) - Int(status.st_mtim.tv_sec)
  }

  private static var reason: String { String(cString: strerror(errno)) }
}
