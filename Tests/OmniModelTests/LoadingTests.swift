import Foundation
import Synchronization
import Testing

@testable import OmniModel

/// Progress of loading weights.
@Suite struct `Loading` {
  @Test func `loading progress has a share, a rate and the time left`() {
    let progress = LoadingProgress(.reading, done: 250, total: 1000, seconds: 0.5)
    #expect(progress.share == 0.25 && !progress.isComplete)
    #expect(progress.bytesPerSecond == 500 && progress.secondsLeft == 1.5)
    let start = LoadingProgress(.making, done: 0, total: 1000, seconds: 0)
    #expect(start.bytesPerSecond == nil && start.secondsLeft == nil && start.share == 0)
    #expect(LoadingProgress(.packing, done: 0, total: 0, seconds: 1).isComplete)
  }

  @Test func `only long loading is reported, until it is finished`() {
    let reports = Mutex<[LoadingProgress]>([])
    func meter() -> LoadingMeter {
      LoadingMeter(.reading, total: 1000) { event in
        if case .progress(let progress) = event { reports.withLock { $0.append(progress) } }
      }
    }
    let quick = meter()
    quick.add(500)
    quick.finish()
    #expect(reports.withLock { $0.isEmpty })
    let slow = meter()
    usleep(150_000)
    slow.add(400)
    slow.add(5000)
    slow.finish()
    let all = reports.withLock { $0 }
    #expect(all.map(\.done) == [400, 1000])
    #expect(all.map(\.isComplete) == [false, true])
    #expect(all.allSatisfy { $0.total == 1000 && $0.seconds > 0.1 })
  }
}
