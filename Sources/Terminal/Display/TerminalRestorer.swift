import CCurses

/// Restores the terminal when the process crashes.
public enum TerminalRestorer {
  /// Installs handlers of the fatal signals, once. They call the previous handlers.
  /// - Parameter sigbusMessage: the error message of SIGBUS, which then exits with 1; raised by a
  ///   truncated mapped file.
  public static func install(sigbusMessage: String? = nil) {
    if let sigbusMessage { cc_crash_sigbus_message(sigbusMessage) }
    cc_crash_install()
  }

  /// Restores the terminal, prints one line on stderr and exits with 1: for code that can neither
  /// continue nor throw.
  public static func end(saying line: String) -> Never { cc_crash_end(line + "\n") }

  /// Makes a stack overflow in the calling thread a handled crash; for long-lived threads.
  public static func protectThisThread() {
    cc_crash_thread_stack()
  }
}
