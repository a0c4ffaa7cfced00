import Basics
import Media
import Synchronization
import Testing

@testable import Runs

/// Decoding a film reports its frames.
struct FrameProgressTests {
  @Test func `decoded frames are counted, and again when a film is decoded twice`() throws {
    let time = Mutex(Duration.zero)
    let reports = Mutex<[WorkProgress]>([])
    let prepare = OpenedRun.resizing(
      InputSettings(), for: .standard,
      now: {
        time.withLock { time in
          time += .milliseconds(300)
          return time
        }
      }, { progress in reports.withLock { $0.append(progress) } })
    let frame = RGBImage(width: 28, height: 28, pixels: [UInt8](repeating: 9, count: 28 * 28 * 3))
    let resize = try #require(prepare.frame)
    for _ in 0..<8 { _ = resize(frame, 10) }
    for _ in 0..<6 { _ = resize(frame, 6) }
    let seen = reports.withLock { $0 }
    #expect(seen.filter { $0.total == 10 }.map(\.done) == [2, 3, 4, 5, 6, 7, 8])
    #expect(seen.filter { $0.total == 6 }.map(\.done) == [2, 3, 4, 5, 6])
    #expect(seen.last?.isComplete == true && seen.allSatisfy { $0.work == .frames })
  }
}
