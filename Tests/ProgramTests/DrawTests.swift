import Foundation
import TestSupport
import Testing

/// Methods that drop at random draw by the seed and by what the clip holds, alike in every command.
@Suite struct `Random selection` {
  private static let model = Fixtures.golden.appending(path: "qwen2_5_av/checkpoint").path

  private func json(_ arguments: [String]) async throws -> Any {
    let outcome = try await Program.run(arguments)
    #expect(outcome.code == 0, "\(outcome.errorOutput)")
    return try JSONSerialization.jsonObject(with: Data(outcome.output.utf8))
  }

  /// First logits of `report`.
  private func report(_ clip: String, _ method: String, seed: String) async throws -> [Double] {
    let report = try #require(
      try await json([
        "report", clip, "--model", Self.model, "--method", method, "--retention", "25", "--seed",
        seed, "--format", "json", "--max-new-tokens", "2", "--compute", "f32",
      ]) as? [String: Any])
    let plan = try #require(report["plan"] as? [String: Any])
    #expect("\(plan["seed"] ?? "")" == seed && plan["encoder_scale"] as? Double == 1.4)
    let answer = try #require(report["answer"] as? [String: Any])
    return try #require(answer["top_logits"] as? [[String: Any]]).compactMap {
      $0["logit"] as? Double
    }
  }

  private func sweep(_ clip: String, _ method: String, seed: String) async throws -> [Double] {
    let scratch = try Scratch()
    _ = try await json([
      "sweep", clip, "--model", Self.model, "--methods", method, "--retentions", "25", "--seed",
      seed, "--results", scratch.path("r.jsonl"), "--format", "json", "--max-new-tokens", "2",
      "--compute", "f32",
    ])
    let lines = try String(contentsOfFile: scratch.path("r.jsonl"), encoding: .utf8)
      .split(separator: "\n")
    let results = try lines.map {
      try #require(try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
    }
    let mine = try #require(
      results.first { ($0["point"] as? [String: Any])?["method"] as? String == method })
    let logits = try #require((mine["topLogits"] ?? mine["top_logits"]) as? [[String: Any]])
    return logits.compactMap { $0["logit"] as? Double }
  }

  private func compare(_ clip: String, _ method: String, seed: String) async throws -> [Double] {
    let comparison = try #require(
      try await json([
        "compare", clip, "--model", Self.model, "--methods", method, "--retention", "25", "--seed",
        seed, "--repeats", "1", "--format", "json", "--max-new-tokens", "2", "--compute", "f32",
      ]) as? [String: Any])
    let row = try #require((comparison["rows"] as? [[String: Any]])?.first)
    return try #require(row["top_logits"] as? [[String: Any]]).compactMap { $0["logit"] as? Double }
  }

  @Test(arguments: ["random", "random-late", "fastv", "divprune"])
  func `random selections are equal in every command for a given seed`(
    _ method: String
  ) async throws {
    let scratch = try Scratch()
    try scratch.copy("qwen2_5_av/clip", as: "clip")
    let plain = scratch.path("clip")
    let spelled = scratch.path("./x/../clip/")
    try FileManager.default.createDirectory(
      at: scratch.url.appending(path: "x"), withIntermediateDirectories: false)
    let expected = try await report(plain, method, seed: "3")
    #expect(expected.count == 5)
    #expect(try await report(spelled, method, seed: "3") == expected)
    #expect(try await compare(plain, method, seed: "3") == expected)
    #expect(try await sweep(plain, method, seed: "3") == expected)
    #expect(try await sweep(spelled, method, seed: "3") == expected)
  }

  @Test func `random selections differ with another seed`() async throws {
    let clip = Fixtures.golden.appending(path: "qwen2_5_av/clip").path
    let first = try await report(clip, "random", seed: "0")
    #expect(try await report(clip, "random", seed: "1") != first)
  }
}
