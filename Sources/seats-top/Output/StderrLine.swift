import Basics
import Foundation
import Reports
import Synchronization

/// The last line on standard error, which shows the progress of long work, if that is a terminal;
/// cleared at the end.
enum StderrLine {
  private static let isDrawn = Mutex(false)

  @Sendable static func draw(_ progress: WorkProgress) {
    guard isatty(STDERR_FILENO) == 1 else { return }
    if progress.isComplete { return clear() }
    isDrawn.withLock { isDrawn in
      isDrawn = true
      write(Data("\r\u{1B}[K\(text(progress))".utf8))
    }
  }

  static func clear() {
    isDrawn.withLock { isDrawn in
      if isDrawn { write(Data("\r\u{1B}[K".utf8)) }
      isDrawn = false
    }
  }

  /// Prints a line above the progress.
  static func interrupt(saying line: String) {
    isDrawn.withLock { isDrawn in
      let clear = isDrawn ? "\r\u{1B}[K" : ""
      isDrawn = false
      write(Data(clear.utf8) + Console.cleaned(line + "\n"))
    }
  }

  /// Text of the progress line, at most 79 cells wide: words, bar, amount, rate and time left.
  static func text(_ progress: WorkProgress) -> String {
    let bar = String(repeating: "#", count: Int(progress.share * 12))
      .padding(toLength: 12, withPad: "-", startingAt: 0)
    return String("\(progress.words) [\(bar)] \(progress.figures)".prefix(79))
  }

  private static func write(_ bytes: Data) {
    try? FileHandle.standardError.write(contentsOf: bytes)
  }
}
