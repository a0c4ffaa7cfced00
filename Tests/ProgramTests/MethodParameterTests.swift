import Foundation
import TestSupport
import Testing

/// `--set`: parameters that methods declare themselves.
@Suite struct `Parameters of a method` {
  private func report(_ options: String...) async throws -> Program.Outcome {
    try await Program.run(
      [
        "report", Fixtures.golden.appending(path: "qwen2_5_av/clip").path, "--model",
        Fixtures.golden.appending(path: "qwen2_5_av/checkpoint").path, "--max-new-tokens", "2",
        "--format", "json",
      ] + options)
  }

  private func settings(_ outcome: Program.Outcome) throws -> [String: Any] {
    let report = try JSONSerialization.jsonObject(with: Data(outcome.output.utf8))
    return try #require((report as? [String: Any])?["settings"] as? [String: Any])
  }

  @Test func `a method parameter reaches the run, its report and its trace`() async throws {
    let scratch = try Scratch()
    let trace = scratch.path("t.jsonl")
    let set = try await report("--method", "visionzip", "--set", "anchors=0.2", "--record", trace)
    #expect(set.code == 0, "\(set.errorOutput)")
    #expect(try settings(set)["parameters"] as? [String: Double] == ["anchors": 0.2])
    let lines = try String(contentsOfFile: trace, encoding: .utf8)
    #expect(
      lines.contains(#""contextual":0.2"#) && lines.contains(#""parameters":{"anchors":0.2}"#))
    let standard = try await report("--method", "visionzip", "--set", "anchors=0.05")
    #expect(try settings(standard)["parameters"] == nil, "its default is not named")
  }

  @Test(arguments: ["anchors", "anchors=2", "anchors=x", "nothing=1"])
  func `an invalid method parameter exits with 2 and names its range`(_ value: String) async throws
  {
    let outcome = try await report("--method", "visionzip", "--set", value)
    #expect(outcome.code == 2)
    #expect(outcome.errorOutput.contains(value), "\(outcome.errorOutput)")
  }

  @Test func `a parameter of another method is refused by its name`() async throws {
    let outcome = try await report("--method", "seats", "--set", "anchors=0.1")
    #expect(outcome.code == 2)
    #expect(outcome.errorOutput.contains("seats has no such parameter"), "\(outcome.errorOutput)")
  }

  @Test func `a sweep applies a parameter to the methods that have it`() async throws {
    let scratch = try Scratch()
    let results = scratch.path("r.jsonl")
    let outcome = try await Program.run([
      "sweep", Fixtures.golden.appending(path: "qwen2_5_av/clip").path, "--model",
      Fixtures.golden.appending(path: "qwen2_5_av/checkpoint").path, "--max-new-tokens", "2",
      "--methods", "seats,visionzip", "--retentions", "15", "--set", "anchors=0.2",
      "--results", results,
    ])
    #expect(outcome.code == 0, "\(outcome.errorOutput)")
    let lines = try String(contentsOfFile: results, encoding: .utf8).split(separator: "\n")
    let with = lines.filter { $0.contains("anchors=0.2") }
    #expect(with.count == 1 && with.allSatisfy { $0.contains("visionzip") })
  }

  @Test func `a sweep refuses a parameter that none of its methods has`() async throws {
    let outcome = try await Program.run(["sweep", "--methods", "fastv", "--set", "anchors=0.1"])
    #expect(outcome.code == 2)
    #expect(outcome.errorOutput.contains("it belongs to visionzip"), "\(outcome.errorOutput)")
  }
}
