import CCurses
import Glibc

/// Captures standard error in a file while the screen is open, and prints the end of that file
/// afterwards, so that messages do not damage the screen and are not lost.
final class ErrorCapture {
  private let real: Int32
  private let log: Int32
  private var isHolding = true

  /// Starts capturing; nil if standard error is a file or pipe, or if it cannot be captured.
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

  /// Restores standard error and prints the end of the captured output.
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
