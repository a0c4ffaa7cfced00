import CCurses

/// Puts the terminal back when the process dies of a fault.
public enum CrashGuard {
  /// Takes the fatal signals (once; later calls do nothing more). Whatever handled them before
  /// still gets its turn.
  /// - Parameter busSentence: what a SIGBUS says before it exits with 1; a mapped file that shrinks
  ///   raises it.
  public static func install(busSentence: String? = nil) {
    if let busSentence { cc_crash_bus_sentence(busSentence) }
    cc_crash_install()
  }

  /// Puts the terminal back, says one line on stderr, and ends the process with 1: for whoever cannot
  /// go on and has nobody to tell.
  public static func end(saying line: String) -> Never { cc_crash_end(line + "\n") }

  /// Lets a stack overflow in the calling thread be caught too; for long-lived threads.
  public static func protectThisThread() {
    cc_crash_thread_stack()
  }
}
