import Foundation

/// What came of asking for a file alone, by `flock`: until it is closed, or the process ends.
public enum FileLock: Sendable, Equatable {
  /// It is ours.
  case held
  /// Another open file has it.
  case taken
  /// There are no locks here: Lustre mounted without them, some FUSE file systems, old NFS. The
  /// reason in the system's words.
  case missing(reason: String)

  /// `flock`, or what stands for it in a test: 0, or −1 and `errno`.
  public typealias Function = @Sendable (_ descriptor: Int32, _ operation: Int32) -> Int32

  public static let system: Function = { flock($0, $1) }

  /// Asks without waiting.
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

  /// Whether an open file is still the one of that name: another may have taken its place before it
  /// was locked.
  public static func isFile(_ descriptor: Int32, at path: String) -> Bool {
    var (opened, named) = (stat(), stat())
    return fstat(descriptor, &opened) == 0 && lstat(path, &named) == 0
      && opened.st_ino == named.st_ino && opened.st_dev == named.st_dev
  }
}
