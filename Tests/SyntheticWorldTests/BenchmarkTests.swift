import Foundation
import Testing

@testable import SyntheticWorld

@Suite struct BenchmarkTests {
  private static let line = """
    {"clip":"009","modalities":["video"],"scene":{"seed":4,"clutter":0,"grain":4,"flicker":true,\
    "hiss":5,"windows":[{"shapes":[],"sound":{"kind":"silence"}}]},"questions":[{"id":"009-v_count",\
    "type":"v_count","question":"How many parts show a ring?","answer":"zero","chance":0.25}]}
    """

  @Test func `a benchmark file has one clip per line, empty lines are skipped`() throws {
    let benchmark = try Benchmark(parsing: "\(Self.line)\n\n\(Self.line)\n")
    #expect(benchmark.clips.count == 2)
    #expect(benchmark.clips[0].modalities == [.video])
    #expect(benchmark.clips[0].scene.windows.count == 1)
    #expect(benchmark.clips[0].questions[0].answer == "zero")
  }

  @Test func `a broken line of a benchmark file is an error with its number`() throws {
    let error = try #require(throws: SyntheticWorldError.self) {
      try Benchmark(parsing: "\(Self.line)\n{\"clip\":\"010\"}\n")
    }
    guard case .unreadableLine(let number, _) = error else {
      Issue.record("unexpected \(error)")
      return
    }
    #expect(number == 2)
  }

  @Test func `every sample clip can be rendered`() throws {
    let file = try #require(
      Bundle.module.url(forResource: "benchmark", withExtension: "jsonl", subdirectory: "Fixtures"))
    let benchmark = try Benchmark(parsing: String(contentsOf: file, encoding: .utf8))
    #expect(benchmark.clips.count == 20)
    for clip in benchmark.clips {
      #expect(throws: Never.self) { try SceneRenderer(clip.scene) }
    }
  }
}
