import Foundation

/// A read-only memory-mapped file whose pages can be released.
final class MappedFile: Sendable {
  let path: String
  let count: Int
  let version: FileVersion
  /// Safe to share between threads: read-only during the lifetime of this object.
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

  /// Calls `read` with the bytes of `range`, which the caller has checked against `count`.
  func withBytes<Result>(_ range: Range<Int>, _ read: (UnsafeRawBufferPointer) -> Result) -> Result
  {
    read(bytes(range))
  }

  /// The mapped bytes of `range`, valid during the lifetime of this object.
  func bytes(_ range: Range<Int>) -> UnsafeRawBufferPointer {
    precondition(range.upperBound <= count, "\(range) of \(count) bytes")
    return .init(start: base.map { $0 + range.lowerBound }, count: range.count)
  }

  /// Bytes that one system call reads ahead. Linux reads no more of a `MADV_WILLNEED` than the
  /// device's read-ahead size, which is rarely below this.
  private static let readAheadBytes = 128 << 10

  /// Starts reading `range` into the page cache, and returns at once.
  func willRead(_ range: Range<Int>) {
    forEachBlock(of: range, bytes: Self.readAheadBytes) { madvise($0, $1, MADV_WILLNEED) }
  }

  /// Reads `range` into memory and maps its pages, in large blocks instead of page by page.
  func populate(_ range: Range<Int>) {
    forEachBlock(of: range, bytes: 8 << 20) { start, count in
      // Unknown before Linux 5.14.
      let failed = madvise(start, count, Self.populateRead) != 0
      if failed, errno == EINVAL { willRead(range) }
      return failed ? -1 : 0
    }
  }

  /// `MADV_POPULATE_READ`.
  private static let populateRead: Int32 = 22

  /// Calls `body` with the address and size of each block of whole pages, until it returns an error.
  private func forEachBlock(
    of range: Range<Int>, bytes: Int, _ body: (UnsafeMutableRawPointer, Int) -> Int32
  ) {
    let page = Int(getpagesize())
    guard let base, !range.isEmpty, range.upperBound <= count else { return }
    for start in stride(
      from: range.lowerBound / page * page, to: range.upperBound, by: max(page, bytes))
    {
      let size = min(bytes, range.upperBound - start)
      if body(UnsafeMutableRawPointer(mutating: base + start), size) != 0 { return }
    }
  }

  /// Releases the memory of whole pages in `range`; they are read again on the next access.
  func release(_ range: Range<Int>) {
    let page = Int(getpagesize())
    let first = (range.lowerBound + page - 1) / page * page
    let end = range.upperBound / page * page
    guard let base, first < end else { return }
    madvise(UnsafeMutableRawPointer(mutating: base + first), end - first, MADV_DONTNEED)
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
