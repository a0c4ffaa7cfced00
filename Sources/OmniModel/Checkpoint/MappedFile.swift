import Foundation

/// A read-only mapped file; its pages can be released.
final class MappedFile: Sendable {
  let path: String
  let count: Int
  let version: FileVersion
  /// Safe to share: read-only during the lifetime of this object.
  nonisolated(unsafe) private let base: UnsafeRawPointer?

  init(_ path: String) throws(CheckpointError) {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else {
      if errno == ENOENT { throw .missingFile(path: path) }
      throw .unreadable(path: path, reason: String(cString: strerror(errno)))
    }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      throw .unreadable(path: path, reason: "not a regular file")
    }
    self.path = path
    count = Int(status.st_size)
    version = FileVersion(status)
    guard count > 0 else {
      base = nil
      return
    }
    let mapped = mmap(nil, count, PROT_READ, MAP_PRIVATE, descriptor, 0)
    guard let mapped, mapped != MAP_FAILED else {
      throw .unreadable(path: path, reason: String(cString: strerror(errno)))
    }
    base = UnsafeRawPointer(mapped)
  }

  deinit {
    if let base { munmap(UnsafeMutableRawPointer(mutating: base), count) }
  }

  /// Reads `range`, which the caller has checked against `count`.
  func withBytes<Result>(_ range: Range<Int>, _ read: (UnsafeRawBufferPointer) -> Result) -> Result
  {
    read(bytes(range))
  }

  /// Bytes of `range`, valid during the lifetime of this object.
  func bytes(_ range: Range<Int>) -> UnsafeRawBufferPointer {
    precondition(range.upperBound <= count, "\(range) of \(count) bytes")
    return .init(start: base.map { $0 + range.lowerBound }, count: range.count)
  }

  /// Releases whole pages of `range`; they are read again on access.
  func release(_ range: Range<Int>) {
    let page = Int(getpagesize())
    let first = (range.lowerBound + page - 1) / page * page
    let end = range.upperBound / page * page
    guard let base, first < end else { return }
    madvise(UnsafeMutableRawPointer(mutating: base + first), end - first, MADV_DONTNEED)
  }
}

/// Size, times and inode of a file, to detect changes.
struct FileVersion: Sendable, Codable, Equatable {
  let bytes: Int
  /// Nanoseconds since 1970. Writing sets both; users can set only the first.
  let modified, changed: Int

  init(_ status: stat) {
    bytes = Int(status.st_size)
    modified = Self.nanoseconds(status.st_mtim)
    changed = Self.nanoseconds(status.st_ctim)
  }

  /// Wraps for dates after 2262; used only for comparison.
  private static func nanoseconds(_ time: timespec) -> Int {
    Int(time.tv_sec) &* 1_000_000_000 &+ Int(time.tv_nsec)
  }
}
