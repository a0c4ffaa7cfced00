import Testing

@testable import Media

struct FrameSamplingTests {
  private func plan(_ frames: Int, _ rate: Double) -> FrameSampling.Plan {
    FrameSampling().plan(totalFrames: frames, sourceRate: rate)
  }

  @Test func `frame sampling takes 2 frames per second from first to last`() {
    let plan = plan(150, 25)
    #expect(plan.indices == [0, 14, 27, 41, 54, 68, 81, 95, 108, 122, 135, 149])
    #expect(plan.framesPerSecond == 2)
    #expect(!plan.isCapped)
  }

  @Test func `frame sampling takes at least 4 frames and an even number`() {
    #expect(plan(25, 25).indices == [0, 8, 16, 24])
    #expect(plan(25, 25).framesPerSecond == 4)
    #expect(plan(70, 25).indices.count == 4)
    #expect(plan(75, 25).indices.count == 6)
    #expect(plan(5, 25).indices == [0, 1, 3, 4])
    #expect(plan(3, 25).indices == [0, 2])
    #expect(plan(1, 25).indices == [0])
  }

  @Test func `frame sampling takes at most 768 frames, with a notice`() {
    let plan = plan(30_000, 30)
    #expect(plan.indices.count == 768)
    #expect(plan.isCapped)
    #expect(plan.framesPerSecond == 0.768)
  }

  @Test func `sampled frame indices ascend from the first to the last frame`() {
    var random = SplitMix(state: 3)
    for _ in 0..<500 {
      let total = Int.random(in: 2...200_000, using: &random)
      let indices = plan(total, .random(in: 1...120, using: &random)).indices
      #expect(indices.first == 0 && indices.last == total - 1)
      #expect(zip(indices, indices.dropFirst()).allSatisfy { $0 < $1 })
    }
  }

  @Test func `the ffmpeg expression selects exactly the sampled frames`() {
    #expect(MediaFile.selection(of: [0]) == "eq(n,0)")
    #expect(MediaFile.selection(of: [0, 7]) == "if(lt(n,7),eq(n,0),eq(n,7))")
    #expect(
      MediaFile.selection(of: [0, 7, 9])
        == "if(lt(n,7),eq(n,0),if(lt(n,9),eq(n,7),eq(n,9)))")
  }
}
