import Basics
import Reports
import Synchronization
import Testing

@testable import seats_top

@Suite struct `Progress` {
  /// A clock that is set by hand.
  private final class Clock: Sendable {
    private let time = Mutex(Duration.zero)

    @Sendable func now() -> Duration { time.withLock { $0 } }
    func pass(_ seconds: Double) { time.withLock { $0 += .seconds(seconds) } }
  }

  @Test func `the progress line shows the part done, a rate and the time left`() {
    let clock = Clock()
    let shown = Mutex<[String]>([])
    let line = ProgressLine(.sweep, total: 200, now: clock.now) { progress in
      shown.withLock { $0.append(StderrLine.text(progress)) }
    }
    line.update(0)
    clock.pass(10)
    line.update(50)
    #expect(shown.withLock { $0 } == ["sweep [###---------] 50 of 200, 5.0/s, 30.0 s left"])
    clock.pass(10)
    line.update(200)
    #expect(shown.withLock { $0.last } == "sweep [############] 200 of 200, 10/s, 0 ms left")
  }

  @Test func `a resumed sweep is timed by what it did itself`() {
    let clock = Clock()
    let shown = Mutex<WorkProgress?>(nil)
    let line = ProgressLine(.sweep, total: 200, now: clock.now) { progress in
      shown.withLock { $0 = progress }
    }
    line.update(100)
    clock.pass(100)
    line.update(150)
    let progress = shown.withLock { $0 }
    #expect(progress?.perSecond == 0.5 && progress?.secondsLeft == 100)
    #expect(progress?.figures == "150 of 200, 30/min, 1:40 left")
  }

  @Test func `the line of every kind of work fits into 79 cells`() {
    let progress = WorkProgress(.packing, done: 3 << 30, total: 12 << 30, seconds: 6)
    #expect(
      StderrLine.text(progress)
        == "packing the weights [###---------] 3.00 GiB of 12.0 GiB, 512 MiB/s, 18.0 s left")
    for work in WorkProgress.Work.allCases {
      for amount in [1023 << 30, 7] {
        let widest = WorkProgress(work, done: amount, total: amount + 5, seconds: 400_000)
        #expect(StderrLine.text(widest).count <= 79)
      }
    }
  }
}
