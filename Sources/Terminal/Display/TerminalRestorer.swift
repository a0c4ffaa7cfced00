import CCurses

/// Restores the terminal when the process crashes.
public enum TerminalRestorer {
  /// Installs handlers for fatal signals, only once. They call the handlers that were installed
  /// before.
  /// - Parameter sigbusMessage: error message for SIGBUS, which occurs if a mapped file is
  ///   truncated; the program then exits with 1.
  public static func install(sigbusMessage: String? = nil) {
    if let sigbusMessage { cc_crash_sigbus_message(sigbusMessage) }
    cc_crash_install()
  }

  /// Restores the terminal, prints one line to standard error and exits with 1. For code that can
  /// neither continue nor throw.
  public static func end(saying line: String) -> Never { cc_crash_end(line + "\n") }

  /// Allows a stack overflow of the calling thread to be handled like other crashes; for long-lived
  /// threads.
  public static func protectThisThread() {
    cc_crash_thread_stack()
  }
}
