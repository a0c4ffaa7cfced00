import Foundation
import TestSupport
import Testing

/// `--messages`, as a user meets it.
@Suite struct `The option --messages` {
  private let folder = Fixtures.golden.deletingLastPathComponent()
    .appending(path: "conversations/messages")
  private let model = Fixtures.golden.appending(path: "qwen2_5_av/checkpoint").path

  private func run(_ arguments: [String]) async throws -> Program.Outcome {
    try await Program.run(arguments + ["--model", model, "--no-cache", "--max-new-tokens", "2"])
  }

  @Test func `reports and traces of a messages file list every clip`() async throws {
    let file = folder.appending(path: "media-in-two-turns.json").path
    let result = try await run(["report", "--messages", file, "--format", "json"])
    #expect(result.code == 0, "\(result.errorOutput)")
    let report = try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any]
    let clip = try #require(report?["clip"] as? [String: Any])
    let parts = try #require(clip["parts"] as? [[String: Any]])
    #expect(
      parts.compactMap { $0["place"] as? String } == [
        "messages[0].content[0]", "messages[2].content[0]", "messages[2].content[1]",
      ])
  }

  @Test(arguments: [["clip"], ["--question", "What?"]])
  func `--messages excludes a clip argument and --question`(_ others: [String]) async throws {
    let result = try await run(["report", "--messages", "a.json"] + others)
    #expect(result.code == 2)
    #expect(result.errorOutput.contains("--messages is a complete conversation"))
  }

  @Test(arguments: [
    (
      #"[{"role": "user", "content": [{"type": "video", "video": "https://x.org/a.mp4"}]}]"#,
      "messages[0].content[0].video is a URL"
    ),
    (
      #"[{"role": "user", "content": [{"type": "film"}]}]"#,
      "messages[0].content[0].type must be one of"
    ),
    (#"[{"role": "user", "content": [{"type": "video", "video": "p.png"}]}]"#, "has one picture"),
    (#"[{"role": "user", "content": [{"type": "image", "image": "none.png"}]}]"#, "none.png"),
    ("{", "is not valid JSON"),
  ])
  func `an invalid messages file exits with the place of the error`(
    _ json: String, _ words: String
  ) async throws {
    let scratch = try Scratch()
    try scratch.write("talk.json", Data(json.utf8))
    let picture = folder.deletingLastPathComponent().appending(path: "media/p.png")
    try scratch.write("p.png", Data(contentsOf: picture))
    let result = try await run(["report", "--messages", scratch.path("talk.json")])
    #expect(result.code == 1 && result.output.isEmpty)
    #expect(result.errorOutput.contains(words), "\(result.errorOutput)")
    #expect(result.errorOutput.split(separator: "\n").count == 1)
  }

  @Test func `sweep, analyze and agreement use the last turn of --messages`() async throws {
    let file = folder.appending(path: "turns.json").path
    let result = try await Program.run([
      "sweep", "--messages", file, "--model", model, "--no-cache", "--max-new-tokens", "2",
      "--methods", "full,seats", "--retentions", "35", "--format", "json",
    ])
    #expect(result.code == 0, "\(result.errorOutput)")
  }
}
