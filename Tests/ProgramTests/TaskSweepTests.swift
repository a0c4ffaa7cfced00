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

  @Test func `in shards gives what a whole one gives, samples included`() async throws {
    let scratch = try Scratch()
    let tasks = try tasks(in: scratch)
    func place(_ name: String) -> String { scratch.url.appending(path: name).path }
    for shard in ["1/2", "2/2"] {
      let results = place("part\(shard.prefix(1)).jsonl")
      let part = try await sweep(["--tasks", tasks, "--shard", shard, "--results", results])
      #expect(part.code == 0, "\(part.complaint)")
    }
    let parts = [place("part1.jsonl"), place("part2.jsonl")]
    let joined = ["--tasks", tasks, "--samples", place("merged"), "--merge"] + parts
    let merged = try await sweep(joined)
    #expect(merged.code == 0 && merged.complaint.isEmpty, "\(merged.complaint)")
    let whole = try await sweep(["--tasks", tasks, "--samples", place("whole")])
    #expect(whole.code == 0, "\(whole.complaint)")
    for name in ["full-100_samples_mine.jsonl", "seats-10_samples_mine.jsonl"] {
      let (one, other) = (place("merged/\(name)"), place("whole/\(name)"))
      let text = try String(contentsOfFile: one, encoding: .utf8)
      #expect(text == (try String(contentsOfFile: other, encoding: .utf8)))
      #expect(text.split(separator: "\n").count == 3)
    }
  }

  @Test func `refuses what it cannot use`() async throws {
    let scratch = try Scratch()
    let tasks = try tasks(in: scratch)
    let both = try await sweep(["--tasks", tasks, Self.clips.path])
    #expect(both.code == 2 && both.complaint.contains("Give one of"))
    let alone = try await sweep(["--samples", scratch.url.path])
    #expect(alone.code == 2 && alone.complaint.contains("--samples"))
    let bad = scratch.url.appending(path: "bad.jsonl")
    try "{}\n".write(to: bad, atomically: true, encoding: .utf8)
    let refused = try await sweep(["--tasks", bad.path])
    #expect(refused.code == 1 && refused.complaint.contains("bad.jsonl:1 is no task"))
  }
}
