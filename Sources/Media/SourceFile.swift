import Foundation

/// A regular file, open for reading, with its size when it was opened.
struct SourceFile {
  /// Kind of the file at a path.
  enum Kind {
    case file(bytes: Int)
    case directory
    case other
  }

  let path: String
  /// Size in bytes when opened; reads never go beyond it.
  let bytes: Int
  private let handle: FileHandle

  /// File descriptor, open during the lifetime of this value.
  var descriptor: Int32 { handle.fileDescriptor }

  init(_ path: String) throws(MediaError) {
    guard case .file(let bytes) = try Self.kind(of: path) else {
      throw .notRegularFile(file: path)
    }
    guard access(path, R_OK) == 0, let handle = FileHandle(forReadingAtPath: path) else {
      throw .unreadable(file: path, reason: String(cString: strerror(errno)))
    }
    self.path = path
    self.bytes = bytes
    self.handle = handle
  }

  /// The kind of the file at a path; follows symbolic links.
  /// - Throws: `MediaError.notFound` or `.unreadable`.
  static func kind(of path: String) throws(MediaError) -> Kind {
    // A NUL byte would truncate the path.
    guard !path.isEmpty, !path.utf8.contains(0) else { throw .notFound(file: path) }
    var status = stat()
    guard stat(path, &status) == 0 else {
      let code = errno
      if code == ENOENT || code == ENOTDIR { throw .notFound(file: path) }
      throw .unreadable(file: path, reason: String(cString: strerror(code)))
    }
    switch status.st_mode & S_IFMT {
    case S_IFREG: return .file(bytes: Int(status.st_size))
    case S_IFDIR: return .directory
    default: return .other
    }
  }

  static func exists(_ path: String) throws(MediaError) -> Bool {
    do {
      _ = try kind(of: path)
      return true
    } catch .notFound {
      return false
    }
  }
}

extension SourceFile {
  /// Calls `body` with the file's bytes from the start, in chunks of at most 1 MiB.
  func forEachPiece(_ body: (RawSpan) throws(MediaError) -> Void) throws(MediaError) {
    try seekToStart()
    var left = bytes
    while left > 0 {
      let piece = try read(min(left, 1 << 20))
      guard !piece.isEmpty else { return }
      try body(piece.span.bytes)
      left -= piece.count
    }
  }

  /// The whole contents of the file; throws if they exceed `limit` bytes.
  func contents(limit: Int) throws(MediaError) -> [UInt8] {
    guard bytes <= limit else { throw .fileTooLarge(file: path, bytes: bytes, limit: limit) }
    try seekToStart()
    return [UInt8](try read(bytes))
  }

  /// Up to `count` bytes of the file from `offset` on.
  func bytes(at offset: Int, count: Int) throws(MediaError) -> [UInt8] {
    do { try handle.seek(toOffset: UInt64(offset)) } catch { throw unreadable(error) }
    return [UInt8](try read(count))
  }

  private func seekToStart() throws(MediaError) {
    do { try handle.seek(toOffset: 0) } catch { throw unreadable(error) }
  }

  private func read(_ count: Int) throws(MediaError) -> Data {
    do { return try handle.read(upToCount: count) ?? Data() } catch { throw unreadable(error) }
  }

  private func unreadable(_ error: any Error) -> MediaError {
    .unreadable(file: path, reason: error.localizedDescription)
  }
}
