import Foundation
import TestSupport
import Testing

/// The same clip, model and plan give the same survivors, scores, logits and answer.
@Suite struct `Determinism` {
  /// The report without what is measured.
  private func result(_ clip: String, _ options: [String]) async throws -> NSDictionary {
    let outcome = try await Program.run(
      [
        "report", Fixtures.golden.appending(path: "\(clip)/clip").path, "--model",
        Fixtures.golden.appending(path: "\(clip)/checkpoint").path, "--format", "json",
        "--max-new-tokens", "8", "--ignore-eos", "--no-cache",
      ] + options)
    #expect(outcome.code == 0, "\(outcome.errorOutput)")
    let report = try JSONSerialization.jsonObject(with: Data(outcome.output.utf8))
    return try #require(Self.withoutTimes(report) as? NSDictionary)
  }

  private static func withoutTimes(_ value: Any) -> Any {
    if let list = value as? [Any] { return list.map(withoutTimes) }
    guard let table = value as? [String: Any] else { return value }
    return table.filter {
      !$0.key.contains("ms") && $0.key != "timing" && !$0.key.contains("memory")
    }
    .mapValues(withoutTimes)
  }

  @Test(
    arguments: ["qwen2_5_av", "qwen2_5_video_only", "qwen2_5_audio_only", "qwen3_av"],
    ["f32", "bf16", "int8"])
  func `reports are equal for 1, 2 and 4 threads`(_ clip: String, _ compute: String) async throws {
    let one = try await result(clip, ["--compute", compute, "--threads", "1"])
    #expect(one["boundaries"] != nil && one["answer"] != nil)
    for threads in ["2", "4"] {
      let more = try await result(clip, ["--compute", compute, "--threads", threads])
      #expect(more == one, "\(threads) threads")
    }
  }

  @Test(arguments: ["f32", "bf16", "int8"])
  func `ten runs of one command give equal reports`(_ compute: String) async throws {
    let first = try await result("qwen2_5_av", ["--compute", compute])
    for run in 2...10 {
      #expect(try await result("qwen2_5_av", ["--compute", compute]) == first, "run \(run)")
    }
  }
}
