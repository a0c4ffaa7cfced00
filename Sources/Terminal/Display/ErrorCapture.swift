import CCurses
import Glibc

/// Holds error output back in a file while the screen is up and shows its tail afterwards, so that
/// a message neither spoils the picture nor is lost.
final class ErrorCapture {
  private let real: Int32
  private let log: Int32
  private var isHolding = true

  /// Nil where error output goes to a file or pipe anyway, or cannot be held.
  init?() {
    guard isatty(STDERR_FILENO) != 0, let log = Self.unnamedFile() else { return nil }
    let real = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 10)
    guard real >= 0 else {
      close(log)
      return nil
    }
    self.real = real
    self.log = log
    dup2(log, STDERR_FILENO)
    cc_crash_error_output(real, log)
  }

  deinit {
    release()
    close(real)
    close(log)
  }

  /// Lets error output through again and shows the last of what was held.
  func release() {
    guard isHolding else { return }
    isHolding = false
    cc_crash_error_output(-1, -1)
    dup2(real, STDERR_FILENO)
    cc_replay_tail(log, STDERR_FILENO)
  }

  private static func unnamedFile() -> Int32? {
    let directory = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
    var path = Array("\(directory)/seats-top-XXXXXX".utf8CString)
    let file = mkstemp(&path)
    guard file >= 0 else { return nil }
    _ = fcntl(file, F_SETFL, O_APPEND)
    _ = fcntl(file, F_SETFD, FD_CLOEXEC)
    unlink(path)
    return file
  }
}
