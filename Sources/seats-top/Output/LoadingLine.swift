import Foundation
import Reports
import Synchronization

/// Progress of loading in one line on standard error, if that is a terminal; cleared at the end.
enum LoadingLine {
  private static let isDrawn = Mutex(false)

  static func draw(_ progress: LoadingProgress) {
    guard isatty(STDERR_FILENO) == 1 else { return }
    if progress.isComplete { return clear() }
    isDrawn.withLock { isDrawn in
      isDrawn = true
      write("\r\u{1B}[K" + text(progress))
    }
  }

  static func clear() {
    isDrawn.withLock { isDrawn in
      if isDrawn { write("\r\u{1B}[K") }
      isDrawn = false
    }
  }

  /// Text of the progress line, at most 79 cells wide.
  static func text(_ progress: LoadingProgress) -> String {
    let bar = String(repeating: "#", count: Int(progress.share * 12))
      .padding(toLength: 12, withPad: "-", startingAt: 0)
    return String("\(progress.words) [\(bar)] \(progress.figures)".prefix(79))
  }

  private static func write(_ text: String) {
    try? FileHandle.standardError.write(contentsOf: Data(text.utf8))
  }
}
