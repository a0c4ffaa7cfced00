import Basics
import Synchronization
import Testing

/// Progress of long work, measured with a clock that is set by hand.
struct WorkProgressTests {
  private final class Scene: Sendable {
    private let time = Mutex(Duration.zero)
    private let reports = Mutex<[WorkProgress]>([])

    func pass(milliseconds: Int) { time.withLock { $0 += .milliseconds(milliseconds) } }

    func meter(_ total: Int, done: Int = 0) -> ProgressMeter {
      ProgressMeter(
        .frames, total: total, done: done, now: { self.time.withLock { $0 } },
        report: { progress in self.reports.withLock { $0.append(progress) } })
    }

    var reported: [WorkProgress] { reports.withLock { $0 } }
  }

  @Test func `progress has a share, a rate and the time left`() {
    let progress = WorkProgress(.reading, done: 250, total: 1000, seconds: 0.5)
    #expect(progress.share == 0.25 && !progress.isComplete)
    #expect(progress.perSecond == 500 && progress.secondsLeft == 1.5)
    let start = WorkProgress(.making, done: 0, total: 1000, seconds: 0)
    #expect(start.perSecond == nil && start.secondsLeft == nil && start.share == 0)
    #expect(WorkProgress(.packing, done: 0, total: 0, seconds: 1).isComplete)
  }

  @Test func `the rate of resumed work counts only what was done since`() {
    let progress = WorkProgress(.sweep, done: 30, total: 50, start: 20, seconds: 5)
    #expect(progress.perSecond == 2 && progress.secondsLeft == 10 && progress.share == 0.6)
  }

  @Test func `an estimate of unequal parts replaces the proportional one`() {
    let progress = WorkProgress(.layers, done: 7, total: 28, seconds: 7, estimate: 3)
    #expect(progress.perSecond == 1 && progress.secondsLeft == 3)
  }

  @Test func `work of less than half a second is not reported`() {
    let scene = Scene()
    let meter = scene.meter(100)
    for _ in 0..<49 {
      scene.pass(milliseconds: 10)
      meter.add(2)
    }
    meter.finish()
    #expect(scene.reported.isEmpty)
  }

  @Test func `long work is reported at most ten times a second, and at its end`() {
    let scene = Scene()
    let meter = scene.meter(4000, done: 1000)
    for _ in 0..<200 {
      scene.pass(milliseconds: 10)
      meter.add(10)
    }
    meter.finish()
    let reported = scene.reported
    #expect(reported.count == 17, "from 0.5 s to 2 s, and the end")
    #expect(zip(reported, reported.dropFirst()).allSatisfy { $0.done <= $1.done })
    for progress in reported.dropLast() {
      #expect(!progress.isComplete && abs((progress.perSecond ?? 0) - 1000) < 1e-6)
    }
    #expect(reported.last?.isComplete == true)
  }

  @Test func `only the end of the work is complete, whatever is counted`() {
    let scene = Scene()
    let meter = scene.meter(10)
    scene.pass(milliseconds: 600)
    meter.set(50)
    scene.pass(milliseconds: 600)
    meter.set(-5)
    #expect(scene.reported.map(\.done) == [9, 0])
  }
}
