import Foundation
import Synchronization

/// A file that is written beside its place, unseen, and takes it in one step when it is complete.
/// Gone before that, even by `kill -9`, it leaves nothing behind where the file system can hold
/// files without names; elsewhere it has a name of its own for as long as it is written.
final class ReplacementFile {
  /// What is written to; closed with this, unless somebody took it.
  let descriptor: Int32
  private let place: String
  private let permissions: mode_t?
  /// Where it lies meanwhile; nil of a file without a name.
  private var temporary: String?
  private var isPublished = false
  private var isTaken = false

  /// The kernel's `O_TMPFILE`, which is no constant that Swift can import.
  private static let withoutName = 0o20_000_000 | O_DIRECTORY
  private static let count = Atomic(0)

  /// - Parameters:
  ///   - place: a path without symbolic links.
  ///   - permissions: of the file that it replaces; nil where there is none.
  ///   - allowsNameless: false always gives it a name.
  /// - Throws: the system's error code.
  init(
    for place: String, permissions: mode_t?, allowsNameless: Bool = true
  ) throws(SystemFailure) {
    self.place = place
    self.permissions = permissions
    let directory = OutputPlace.directory(of: place)
    // A file without a name gets one through /proc.
    if allowsNameless, access("/proc/self/fd", X_OK) == 0 {
      let nameless = open(directory, Self.withoutName | O_RDWR | O_CLOEXEC, 0o666)
      if nameless >= 0 {
        descriptor = nameless
        return
      }
      // Not every file system has files without names: EOPNOTSUPP, or EISDIR of an old kernel.
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

  /// The descriptor, which whoever takes it closes.
  func take() -> Int32 {
    isTaken = true
    return descriptor
  }

  /// Makes it the file of that name.
  /// - Parameter replacing: false leaves a file alone that has come there meanwhile.
  /// - Returns: whether it is there now.
  /// - Throws: the system's error code; what stood there is there still.
  func publish(replacing: Bool = true) throws(SystemFailure) -> Bool {
    if let permissions {
      fchmod(descriptor, permissions)
      // What it replaces is lost otherwise when the machine stops now.
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

  /// Gives it a name for the moment before it is renamed.
  private func name() throws(SystemFailure) {
    guard temporary == nil else { return }
    let name = Self.name(in: OutputPlace.directory(of: place))
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

/// What the system refused, by its `errno`.
struct SystemFailure: Error, Equatable {
  let code: Int32
}
