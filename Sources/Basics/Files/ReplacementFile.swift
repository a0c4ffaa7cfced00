import Foundation
import Synchronization

/// A temporary file in the target's directory that is renamed to the target when complete. On file
/// systems with `O_TMPFILE` nothing is left behind even after `kill -9`; on others the file has a
/// temporary name while it is written.
public final class ReplacementFile {
  /// The open file descriptor; closed with this object, unless `take` was called.
  public let descriptor: Int32
  private let place: String
  private let permissions: mode_t?
  /// Path of the temporary file; nil for a file without a name.
  private var temporary: String?
  private var isPublished = false
  private var isTaken = false

  /// The kernel's flag `O_TMPFILE`, which Swift cannot import.
  private static let withoutName = 0o20_000_000 | O_DIRECTORY
  private static let count = Atomic(0)

  /// Creates a temporary file for `place`.
  /// - Parameters:
  ///   - place: path of the target, without symbolic links.
  ///   - permissions: those of the file to replace; nil if there is none.
  ///   - allowsNameless: false always gives the temporary file a name.
  /// - Throws: `SystemFailure` with the system's error code.
  public init(
    for place: String, permissions: mode_t?, allowsNameless: Bool = true
  ) throws(SystemFailure) {
    self.place = place
    self.permissions = permissions
    let directory = OutputTarget.directory(of: place)
    // A file without a name is linked through /proc.
    if allowsNameless, access("/proc/self/fd", X_OK) == 0 {
      let nameless = open(directory, Self.withoutName | O_RDWR | O_CLOEXEC, 0o666)
      if nameless >= 0 {
        descriptor = nameless
        return
      }
      // Not every file system has O_TMPFILE: EOPNOTSUPP, or EISDIR on old kernels.
      let code = errno
      guard [EOPNOTSUPP, EISDIR, EINVAL, ENOENT].contains(code) else {
        throw SystemFailure(code: code)
      }
    }
    let name = Self.name(in: directory)
    descriptor = open(name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o666)
    guard descriptor >= 0 else { throw SystemFailure(code: errno) }
    temporary = name
  }

  deinit {
    if let temporary, !isPublished { unlink(temporary) }
    if !isTaken { close(descriptor) }
  }

  /// Returns the file descriptor; the caller must close it.
  public func take() -> Int32 {
    isTaken = true
    return descriptor
  }

  /// Renames the temporary file to the target.
  /// - Parameter replacing: false keeps a target that was created in the meantime.
  /// - Returns: whether the file was renamed.
  /// - Throws: `SystemFailure`; the previous file is unchanged.
  public func publish(replacing: Bool = true) throws(SystemFailure) -> Bool {
    if let permissions {
      fchmod(descriptor, permissions)
      // Without fsync a power failure could lose both files.
      fsync(descriptor)
    }
    if permissions == nil, link(to: place) {
      isPublished = true
      if let temporary { unlink(temporary) }
      return true
    }
    if permissions == nil, errno == EEXIST, !replacing { return false }
    try name()
    guard let temporary, rename(temporary, place) == 0 else { throw SystemFailure(code: errno) }
    isPublished = true
    return true
  }

  /// Gives the file a temporary name, which is needed for the rename.
  private func name() throws(SystemFailure) {
    guard temporary == nil else { return }
    let name = Self.name(in: OutputTarget.directory(of: place))
    guard link(to: name) else { throw SystemFailure(code: errno) }
    temporary = name
  }

  private func link(to name: String) -> Bool {
    if let temporary { return Glibc.link(temporary, name) == 0 }
    return linkat(
      AT_FDCWD, "/proc/self/fd/\(descriptor)", AT_FDCWD, name, AT_SYMLINK_FOLLOW) == 0
  }

  private static func name(in directory: String) -> String {
    let number = count.wrappingAdd(1, ordering: .relaxed).newValue
    return "\(directory)/.seats-top-\(getpid())-\(number).tmp"
  }
}

/// A failed system call, with its `errno`.
public struct SystemFailure: Error, Equatable {
  public let code: Int32
}
