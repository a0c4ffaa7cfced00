import Basics
import Synchronization
import Testing

@testable import OmniModel

/// Encoders report the blocks that are done.
struct EncoderProgressTests {
  /// A clock by which every look takes a second.
  private final class SlowClock: Sendable {
    private let time = Mutex(Duration.zero)

    @Sendable func now() -> Duration {
      time.withLock { time in
        time += .seconds(1)
        return time
      }
    }
  }

  private func progress(
    _ golden: GoldenCase
  ) throws -> (thinker: Thinker, clips: [PromptClip], reports: [WorkProgress]) {
    let thinker = try golden.thinker()
    let prompt = try Prompt(golden.clip(), for: thinker)
    var prefill = Prefill(prompt, thinker: thinker, plan: .full)
    let reports = Mutex<[WorkProgress]>([])
    let cancellation = Cancellation(
      onProgress: { progress in reports.withLock { $0.append(progress) } },
      now: SlowClock().now)
    try prefill.advance(cancellation)
    return (thinker, prompt.clips, reports.withLock { $0 })
  }

  @Test(arguments: ["qwen2_5_av", "qwen3_av"])
  func `every encoder reports its blocks in order and its end`(name: String) throws {
    let (thinker, _, reports) = try progress(GoldenCase(name))
    let blocks = thinker.configuration.vision.depth
    let video = reports.filter { $0.work == .videoEncoder }
    #expect(video.map(\.done) == Array(0...blocks) && video.allSatisfy { $0.total == blocks })
    #expect(video.last?.isComplete == true)
    let audio = reports.filter { $0.work == .audioEncoder }
    #expect(audio.first?.done == 0 && audio.last?.isComplete == true && audio.count > 1)
    #expect(reports.count == video.count + audio.count)
  }

  @Test func `a cancelled encoder reports no further block`() throws {
    let golden = try GoldenCase("qwen2_5_av")
    let thinker = try golden.thinker()
    var prefill = Prefill(
      try Prompt(golden.clip(), for: thinker), thinker: thinker, plan: .full)
    let flag = Cancellation()
    let seen = Mutex(0)
    let cancellation = Cancellation(
      onProgress: { _ in
        seen.withLock { $0 += 1 }
        flag.request()
      }, now: SlowClock().now)
    cancellation.request()
    #expect(throws: PrefillError.cancelled) { try prefill.advance(cancellation) }
    #expect(seen.withLock { $0 } == 0)
  }
}
