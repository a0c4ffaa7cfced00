import Foundation

/// Result of locking a file exclusively with `flock`. The lock ends when the file is closed or the
/// process ends.
public enum FileLock: Sendable, Equatable {
  /// This process has the lock.
  case held
  /// Another process or open file has the lock.
  case taken
  /// The file system does not support locks (Lustre without flock, some FUSE file systems, old
  /// NFS); `reason` is the system's message.
  case missing(reason: String)

  /// The function `flock` or its replacement in tests; returns 0, or −1 with `errno`.
  public typealias Function = @Sendable (_ descriptor: Int32, _ operation: Int32) -> Int32

  public static let system: Function = { flock($0, $1) }

  /// Tries to lock an open file without waiting.
  public static func take(_ descriptor: Int32, with lock: Function = system) -> FileLock {
    while lock(descriptor, LOCK_EX | LOCK_NB) != 0 {
      switch errno {
      case EINTR: continue
      case EWOULDBLOCK: return .taken
      case let code: return .missing(reason: String(cString: strerror(code)))
      }
    }
    return .held
  }

  /// Whether an open file is still the one at `path`: it may have been replaced before it was
  /// locked.
  public static func isFile(_ descriptor: Int32, at path: String) -> Bool {
    var (opened, named) = (stat(), stat())
    return fstat(descriptor, &opened) == 0 && lstat(path, &named) == 0
      && opened.st_ino == named.st_ino && opened.st_dev == named.st_dev
  }
}
