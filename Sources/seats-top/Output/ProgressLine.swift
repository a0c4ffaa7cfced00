import Basics
import Foundation
import Reports
import Synchronization

/// Progress of a command in one line on standard error, if that is a terminal.
final class ProgressLine: Sendable {
  private let work: WorkProgress.Work
  private let total: Int
  private let now: @Sendable () -> Duration
  private let draw: @Sendable (WorkProgress) -> Void
  private let meter = Mutex<ProgressMeter?>(nil)

  /// - Parameters:
  ///   - total: number of items of the whole work.
  ///   - draw: shows the progress.
  init(
    _ work: WorkProgress.Work, total: Int,
    now: @escaping @Sendable () -> Duration = ProgressMeter.uptime,
    draw: @escaping @Sendable (WorkProgress) -> Void = StderrLine.draw
  ) {
    (self.work, self.total, self.now, self.draw) = (work, total, now, draw)
  }

  /// Updates the number of finished items; removes the line when all are finished. Items that are
  /// finished at the first update do not count for the rate.
  @Sendable func update(_ done: Int) {
    let meter = meter.withLock { meter in
      let known = meter ?? ProgressMeter(work, total: total, done: done, now: now, report: draw)
      meter = known
      return known
    }
    if done >= total { meter.finish() } else { meter.set(done) }
  }

  /// Prints a line to standard error, above the progress line.
  func interrupt(saying line: String) { StderrLine.interrupt(saying: line) }
}
