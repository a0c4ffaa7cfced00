import Foundation

/// The kind of an output path, which determines how it is written.
public enum OutputTarget: Equatable {
  /// A regular or new file, replaced atomically. The path has no links; `permissions` are those of
  /// the existing file, nil if new.
  case file(path: String, permissions: mode_t?)
  /// A pipe or device, written directly.
  case stream(path: String)
  /// An open file descriptor of this process: `-`, `/dev/stdout`, `/dev/fd/3`.
  case descriptor(Int32)

  /// Determines the kind of an output path.
  /// - Throws: `FileOutputError` for directories, block devices, sockets and broken links.
  public init(_ path: String) throws(FileOutputError) {
    var place = path
    for _ in 0..<40 {
      if let descriptor = Self.descriptor(place) {
        self = .descriptor(descriptor)
        return
      }
      var status = stat()
      guard lstat(place, &status) == 0 else {
        guard errno == ENOENT else { throw FileOutputError(path: path, code: errno) }
        self = .file(path: place, permissions: nil)
        return
      }
      switch status.st_mode & S_IFMT {
      case S_IFLNK: place = try Self.target(of: place, path)
      case S_IFREG:
        self = .file(path: place, permissions: status.st_mode & 0o7777)
        return
      case S_IFIFO, S_IFCHR:
        self = .stream(path: place)
        return
      default: throw FileOutputError(path: path, reason: "not a regular file")
      }
    }
    throw FileOutputError(path: path, code: ELOOP)
  }

  /// Reads the target of a symbolic link, relative to the link's directory.
  private static func target(of link: String, _ path: String) throws(FileOutputError) -> String {
    var buffer = [UInt8](repeating: 0, count: Int(PATH_MAX))
    let count = buffer.withUnsafeMutableBytes { bytes -> Int in
      guard let base = bytes.baseAddress else { return 0 }
      return readlink(link, base.assumingMemoryBound(to: CChar.self), bytes.count)
    }
    guard count >= 0 else { throw FileOutputError(path: path, code: errno) }
    // Paths are strings: a name that is not UTF-8 would be changed.
    guard let target = String(validating: buffer.prefix(count), as: UTF8.self) else {
      throw FileOutputError(path: path, reason: "the name is not UTF-8")
    }
    return target.hasPrefix("/") ? target : directory(of: link) + "/" + target
  }

  private static func descriptor(_ path: String) -> Int32? {
    switch path {
    case "-", "/dev/stdout": return STDOUT_FILENO
    case "/dev/stderr": return STDERR_FILENO
    default:
      let folders = ["/dev/fd/", "/proc/self/fd/"]
      guard let folder = folders.first(where: path.hasPrefix) else { return nil }
      return Int32(path.dropFirst(folder.count))
    }
  }

  /// The directory of a path; `.` for a name without slash.
  public static func directory(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }
}
