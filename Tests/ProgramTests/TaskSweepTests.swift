import Foundation
import Testing

/// `sweep --tasks`, from outside.
@Suite struct `A sweep over tasks` {
  private static let clips = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().appending(path: "samples/clips")

  private func tasks(in scratch: Scratch) throws -> String {
    let lines = ["1-two-parts", "2-sound-decides", "1-two-parts"].enumerated().map {
      let question =
        $0 == 2
        ? #""question": "Which?", "choices": ["red", "blue"], "answer": "A""#
        : #""question": "What colour is the shape shown with the noise?""#
      let path = Self.clips.appending(path: $1).path
      return #"{"id": "q\#($0)", "media": "\#(path)", \#(question)}"#
    }
    let file = scratch.url.appending(path: "mine.jsonl")
    try lines.joined(separator: "\n").write(to: file, atomically: true, encoding: .utf8)
    return file.path
  }

  private func sweep(_ arguments: [String]) async throws -> Program.Outcome {
    try await Program.run(["sweep", "--methods", "seats", "--retentions", "10"] + arguments)
  }

  @Test func `a task sweep in shards gives the results of one run`() async throws {
    let scratch = try Scratch()
    let tasks = try tasks(in: scratch)
    func place(_ name: String) -> String { scratch.url.appending(path: name).path }
    for shard in ["1/2", "2/2"] {
      let results = place("part\(shard.prefix(1)).jsonl")
      let part = try await sweep(["--tasks", tasks, "--shard", shard, "--results", results])
      #expect(part.code == 0, "\(part.errorOutput)")
    }
    let parts = [place("part1.jsonl"), place("part2.jsonl")]
    let joined = ["--tasks", tasks, "--samples", place("merged"), "--merge"] + parts
    let merged = try await sweep(joined)
    #expect(merged.code == 0 && merged.errorOutput.isEmpty, "\(merged.errorOutput)")
    let whole = try await sweep(["--tasks", tasks, "--samples", place("whole")])
    #expect(whole.code == 0, "\(whole.errorOutput)")
    let (one, other) = (
      try WrittenSamples.read(below: place("merged")),
      try WrittenSamples.read(below: place("whole"))
    )
    #expect(one == other)
    #expect(Set(one.keys) == ["", "_seats-10"], "\(one.keys)")
    for text in one.values {
      #expect(text.split(separator: "\n").count == 3)
      #expect(!text.contains(Self.clips.path), "paths of this machine are nobody's business")
    }
  }

  @Test func `a task sweep names and counts missing media`() async throws {
    let scratch = try Scratch()
    let folder = scratch.url.appending(path: "media/videos")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    try FileManager.default.copyItem(
      at: Self.clips.appending(path: "1-two-parts"), to: folder.appending(path: "x1.mp4"))
    let rows = ["x1", "x2", "x2", "x3"].map {
      #"{"video_id":"\#($0)","question":"Who?","options":["a","b"],"correct_option":"A"}"#
    }
    try scratch.write("rows.jsonl", Data(rows.joined(separator: "\n").utf8))
    let outcome = try await sweep([
      "--tasks", scratch.path("rows.jsonl"), "--media-root", scratch.path("media"),
      "--max-new-tokens", "2",
    ])
    #expect(outcome.code == 1)
    #expect(outcome.output.contains("skipped   3 of 4 questions"), "\(outcome.output)")
    #expect(outcome.errorOutput.contains("skipped, with 2 questions"), "\(outcome.errorOutput)")
    for name in ["x2.mp4", "x3.mp4"] { #expect(outcome.output.contains(name)) }
  }

  @Test func `a task sweep refuses invalid task files with the reason`() async throws {
    let scratch = try Scratch()
    let tasks = try tasks(in: scratch)
    let both = try await sweep(["--tasks", tasks, Self.clips.path])
    #expect(both.code == 2 && both.errorOutput.contains("Give one of"))
    let alone = try await sweep(["--samples", scratch.url.path])
    #expect(alone.code == 2 && alone.errorOutput.contains("--samples"))
    let bad = scratch.url.appending(path: "bad.jsonl")
    try "{}\n".write(to: bad, atomically: true, encoding: .utf8)
    let refused = try await sweep(["--tasks", bad.path])
    #expect(refused.code == 1 && refused.errorOutput.contains("bad.jsonl:1 is not a valid task"))
  }
}

/// Files of samples that the program wrote.
enum WrittenSamples {
  /// Contents by what stands between the date and the task in their names.
  static func read(below directory: String) throws -> [String: String] {
    var found: [String: String] = [:]
    for name in try FileManager.default.contentsOfDirectory(atPath: directory) {
      let parts = try #require(name.wholeMatch(of: /\d{8}_\d{6}(.*)_samples_[a-z]+\.jsonl/))
      found[String(parts.1)] = try String(contentsOfFile: "\(directory)/\(name)", encoding: .utf8)
    }
    return found
  }
}
