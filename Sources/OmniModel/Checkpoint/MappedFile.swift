import Basics
import Foundation
import Synchronization
import Tensors

/// A read-only memory-mapped file whose pages can be released.
///
/// Where `ulimit -v` limits the address space, large files are mapped in parts, while they are used:
/// otherwise the limit would have to hold the whole file, and releasing pages would return nothing.
final class MappedFile: Sendable {
  private enum Place: Sendable {
    case empty
    case whole(Mapping)
    /// Parts are mapped by views.
    case parts(OpenFile)
  }

  let path: String
  let count: Int
  let version: FileVersion
  private let place: Place

  /// Size in bytes from which on files are mapped in parts if the address space is limited.
  static let leastParts = 16 << 20
  /// Whether all files opened from now on are mapped in parts, to test this.
  static let alwaysInParts = Atomic(false)

  /// Opens and maps a file.
  init(_ path: String) throws(CheckpointError) {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else {
      if errno == ENOENT { throw .missingFile(path: path) }
      throw .unreadable(path: path, reason: String(cString: strerror(errno)))
    }
    let file = OpenFile(descriptor)
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      throw .unreadable(path: path, reason: "not a regular file")
    }
    self.path = path
    count = Int(status.st_size)
    version = FileVersion(status)
    let isLimited = count >= Self.leastParts && MachineMemory.addressSpaceLimit != nil
    if count == 0 {
      place = .empty
    } else if isLimited || Self.alwaysInParts.load(ordering: .relaxed) {
      place = .parts(file)
    } else {
      guard let mapping = Mapping(file, 0..<count) else {
        throw .unreadable(path: path, reason: String(cString: strerror(errno)))
      }
      place = .whole(mapping)
    }
  }

  /// The bytes of `range`, which the caller has checked against `count`.
  /// - Throws: `AllocationFailure` if the address space does not suffice.
  func view(_ range: Range<Int>) throws(AllocationFailure) -> FileView {
    precondition(range.upperBound <= count, "\(range) of \(count) bytes")
    switch place {
    case .empty: return FileView(nil, range)
    case .whole(let mapping): return FileView(mapping, range)
    case .parts(let file):
      guard !range.isEmpty else { return FileView(nil, range) }
      guard let mapping = Mapping(file, range) else {
        throw AllocationFailure(bytes: range.count)
      }
      return FileView(mapping, range)
    }
  }

  /// Calls `read` with the bytes of `range`, which the caller has checked against `count`.
  func withBytes<Result>(_ range: Range<Int>, _ read: (UnsafeRawBufferPointer) -> Result) -> Result
  {
    let view = mapped(range)
    return withExtendedLifetime(view) { read(view.bytes) }
  }

  /// The bytes of `range`; ends the process if the address space does not suffice.
  func mapped(_ range: Range<Int>) -> FileView {
    do {
      return try view(range)
    } catch {
      WorkingMemory.refused(error)
    }
  }

  /// Starts reading `range` into the page cache, and returns at once.
  func willRead(_ range: Range<Int>) {
    forEachBlock(of: range) { $0.willRead($1) }
  }

  /// Reads `range` into memory, in large blocks instead of page by page. Its pages are mapped too if
  /// the whole file is.
  func populate(_ range: Range<Int>) {
    // A page fault alone would read as much before the page as after it.
    willRead(range)
    forEachBlock(of: range) { $0.populate($1) }
  }

  /// Calls `body` with each block of `range` and a mapping of it, until it returns false.
  private func forEachBlock(of range: Range<Int>, _ body: (Mapping, Range<Int>) -> Bool) {
    guard range.upperBound <= count else { return }
    for start in stride(from: range.lowerBound, to: range.upperBound, by: Mapping.blockBytes) {
      let block = start..<min(start + Mapping.blockBytes, range.upperBound)
      let mapping: Mapping? =
        switch place {
        case .empty: nil
        case .whole(let mapping): mapping
        case .parts(let file): Mapping(file, block)
        }
      guard let mapping, body(mapping, block) else { return }
    }
  }

  /// Releases the memory of whole pages in `range`; they are read again on the next access. Where
  /// parts are mapped, the end of a view does this.
  func release(_ range: Range<Int>) {
    if case .whole(let mapping) = place { mapping.release(range) }
  }
}

/// The bytes of a range of a file, mapped during the lifetime of this object.
final class FileView: Sendable {
  /// Safe to share between threads: read-only during the lifetime of this object.
  nonisolated(unsafe) let bytes: UnsafeRawBufferPointer
  private let mapping: Mapping?

  fileprivate init(_ mapping: Mapping?, _ range: Range<Int>) {
    self.mapping = mapping
    bytes = mapping?.bytes(range) ?? UnsafeRawBufferPointer(start: nil, count: 0)
  }
}

/// An open file descriptor.
private final class OpenFile: Sendable {
  let descriptor: Int32
  /// Bytes that one system call reads ahead: Linux reads no more of a `MADV_WILLNEED` than the
  /// device's read-ahead size.
  let readAheadBytes: Int

  init(_ descriptor: Int32) {
    self.descriptor = descriptor
    var status = stat()
    let device = fstat(descriptor, &status) == 0 ? status.st_dev : 0
    let (major, minor) = ((device >> 8) & 0xfff, (device & 0xff) | ((device >> 12) & 0xfff00))
    let text = try? String(
      contentsOfFile: "/sys/class/bdi/\(major):\(minor)/read_ahead_kb", encoding: .utf8)
    let kibibytes = text.flatMap { Int($0.trimmingCharacters(in: .whitespacesAndNewlines)) } ?? 0
    readAheadBytes = min(max(128, kibibytes), Mapping.blockBytes >> 10) << 10
  }

  deinit { close(descriptor) }
}

/// Whole pages of a file, mapped during the lifetime of this object.
private final class Mapping: Sendable {
  /// Safe to share between threads: read-only during the lifetime of this object.
  nonisolated(unsafe) private let base: UnsafeMutableRawPointer
  /// The mapped bytes of the file; start at a page.
  private let range: Range<Int>
  private let readAheadBytes: Int

  private static let page = Int(getpagesize())
  /// Bytes that are read into memory at a time.
  static let blockBytes = 8 << 20
  /// `MADV_POPULATE_READ`; unknown before Linux 5.14.
  private static let populateRead: Int32 = 22

  /// Maps the pages of a range that is not empty; nil if the system refuses.
  init?(_ file: OpenFile, _ range: Range<Int>) {
    let start = range.lowerBound / Self.page * Self.page
    let mapped = mmap(
      nil, range.upperBound - start, PROT_READ, MAP_PRIVATE, file.descriptor, off_t(start))
    guard let mapped, mapped != MAP_FAILED else { return nil }
    (base, self.range) = (mapped, start..<range.upperBound)
    readAheadBytes = file.readAheadBytes
  }

  deinit { munmap(base, range.count) }

  func bytes(_ part: Range<Int>) -> UnsafeRawBufferPointer {
    .init(start: base + (part.lowerBound - range.lowerBound), count: part.count)
  }

  /// Starts reading a part of the file.
  /// - Returns: whether that worked.
  func willRead(_ part: Range<Int>) -> Bool {
    let first = part.lowerBound / Self.page * Self.page
    for start in stride(from: first, to: part.upperBound, by: readAheadBytes) {
      let end = min(start + readAheadBytes, part.upperBound)
      guard advise(start..<end, MADV_WILLNEED) else { return false }
    }
    return true
  }

  /// Reads a part of the file into memory and maps its pages.
  /// - Returns: whether that worked.
  func populate(_ part: Range<Int>) -> Bool {
    advise(part.lowerBound / Self.page * Self.page..<part.upperBound, Self.populateRead)
  }

  /// Releases the memory of whole pages.
  func release(_ part: Range<Int>) {
    let first = (part.lowerBound + Self.page - 1) / Self.page * Self.page
    let end = part.upperBound / Self.page * Self.page
    if first < end { _ = advise(first..<end, MADV_DONTNEED) }
  }

  /// Advises about bytes that start at a page.
  private func advise(_ part: Range<Int>, _ advice: Int32) -> Bool {
    madvise(base + (part.lowerBound - range.lowerBound), part.count, advice) == 0
  }
}

/// Size, times and inode of a file, to detect that it has changed.
struct FileVersion: Sendable, Codable, Equatable {
  let bytes: Int
  /// Times of the last change of content and of inode, in nanoseconds since 1970. Writing sets
  /// both; users can set only the first.
  let modified, changed: Int

  init(_ status: stat) {
    bytes = Int(status.st_size)
    modified = Self.nanoseconds(status.st_mtim)
    changed = Self.nanoseconds(status.st_ctim)
  }

  /// Time in nanoseconds; wraps for dates after 2262, since it is used only for comparison.
  private static func nanoseconds(_ time: timespec) -> Int {
    Int(time.tv_sec) &* 1_000_000_000 &+ Int(time.tv_nsec)
  }
}
