import Foundation
import Synchronization

/// A progress bar with the time left, on standard error if that is a terminal.
final class ProgressLine: Sendable {
  private let label: String
  private let total: Int
  private let start = ContinuousClock.now
  private let isShown: Bool
  /// Time when the line was last drawn, and number of finished items at the start.
  private let state = Mutex<(drawn: ContinuousClock.Instant?, first: Int?)>((nil, nil))

  init(_ label: String, total: Int, isShown: Bool = isatty(STDERR_FILENO) == 1) {
    self.label = label
    self.total = total
    self.isShown = isShown
  }

  /// Updates the number of finished items; removes the line when all are finished.
  func update(_ done: Int) {
    guard isShown else { return }
    let now = ContinuousClock.now
    let line = state.withLock { state -> String? in
      let first = state.first ?? done
      state.first = first
      let isDue = state.drawn.map { now - $0 >= .milliseconds(100) } ?? true
      guard isDue || done >= total else { return nil }
      state.drawn = now
      return text(done: done, first: first, after: now - start)
    }
    guard let line else { return }
    let shown = done >= total ? "" : line
    try? FileHandle.standardError.write(contentsOf: Data("\r\u{1B}[K\(shown)".utf8))
  }

  /// Prints a line to standard error, above the progress line.
  func interrupt(saying line: String) {
    let clear = isShown ? "\r\u{1B}[K" : ""
    state.withLock { state in
      state.drawn = nil
      try? FileHandle.standardError.write(
        contentsOf: Data(clear.utf8) + Console.cleaned(line + "\n"))
    }
  }

  /// Text of the progress line, at most 79 cells wide.
  func text(done: Int, first: Int, after elapsed: Duration) -> String {
    let share = total > 0 ? Double(done) / Double(total) : 1
    let bar = String(repeating: "#", count: Int(share * 24))
    var line = "\(label) [\(bar.padding(toLength: 24, withPad: "-", startingAt: 0))] "
    line += "\(done) of \(total), \(Int(share * 100)) %"
    if done > first, elapsed > .seconds(1) {
      let left = elapsed * (Double(total - done) / Double(done - first))
      line += ", \(Self.clock(left)) left"
    }
    return String(line.prefix(79))
  }

  static func clock(_ duration: Duration) -> String {
    let seconds = Int(duration.components.seconds)
    return seconds < 3600
      ? String(format: "%d:%02d", seconds / 60, seconds % 60)
      : String(format: "%d:%02d:%02d", seconds / 3600, seconds / 60 % 60, seconds % 60)
  }
}
