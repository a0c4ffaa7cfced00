import Foundation
import TestSupport
import Testing

/// `seats-top flips`, from outside.
@Suite struct `The command flips` {
  private static let folder = Fixtures.directory.appending(path: "evaluation")
  private static let old = folder.appending(path: "20260101_120000_samples_videomme-v0.4.jsonl")
    .path
  private static let new = folder.appending(path: "20261120_120000_samples_videomme.jsonl").path

  private struct Record: Decodable {
    struct Pair: Decodable {
      struct Point: Decodable { let method: String? }
      struct Flip: Decodable {
        struct Side: Decodable {
          let answer: String
          let score, kl: Double?
        }
        let question, change: String
        let kind: String?
        let windows: Int?
        let from, to: Side
      }
      let from, to: Point
      let questions: Int
      let counts: [String: Int]
      let flips: [Flip]
    }
    let files: [String]
    let pairs: [Pair]
  }

  @Test func `a results file lists what pruning changes, in every format`() async throws {
    let scratch = try Scratch()
    let results = scratch.path("r.jsonl")
    let swept = try await Program.run([
      "sweep", "--limit", "6", "--methods", "seats", "--retentions", "2", "--max-new-tokens", "4",
      "--results", results,
    ])
    #expect(swept.code == 0, "\(swept.errorOutput)")
    let json = try await Program.run(["flips", results, "--format", "json"])
    #expect(json.code == 0, "\(json.errorOutput)")
    let record = try JSONDecoder().decode(Record.self, from: Data(json.output.utf8))
    let pair = try #require(record.pairs.first)
    #expect(record.files == [results] && pair.from.method == "full" && pair.to.method == "seats")
    #expect(!pair.flips.isEmpty && pair.counts.values.reduce(0, +) == pair.flips.count)
    #expect(pair.flips.allSatisfy { $0.from.answer != $0.to.answer && $0.to.kl ?? -1 > 0 })
    #expect(pair.flips.allSatisfy { $0.windows ?? 0 > 0 && $0.kind != nil })
    let csv = try await Program.run(["flips", results, "--format", "csv"])
    #expect(csv.output.split(separator: "\n").count == pair.flips.count + 1)
    let text = try await Program.run(["flips", results, "--changes", "right-to-wrong"])
    #expect(text.code == 0 && text.output.contains("right to wrong"))
    #expect(!text.output.contains("other words"))
    let markdown = try await Program.run(["flips", results, "--format", "markdown"])
    #expect(markdown.output.contains("| full | seats@2 |"), "\(markdown.output)")
  }

  @Test func `samples of lmms-eval are compared in pairs`() async throws {
    let outcome = try await Program.run(["flips", Self.old, Self.new])
    #expect(outcome.code == 0 && outcome.errorOutput.isEmpty, "\(outcome.errorOutput)")
    #expect(outcome.output.contains("doc_id") && outcome.output.contains("wrong to right"))
  }

  @Test(arguments: [
    (["flips"], 2, "Missing expected argument"),
    (["flips", new, "--changes", "odd"], 2, "--changes takes changes such as right-to-wrong"),
    (["flips", new, old, "--baseline", "full"], 2, "--baseline is for one file"),
    (["flips", new], 1, "give a second file"),
    (["flips", "/nonexistent.jsonl"], 1, "cannot be read"),
    (["flips", new, old, "--metric", "odd"], 1, "has no metric odd"),
  ])
  func `wrong usage and unreadable files have one clear message`(
    _ arguments: [String], _ code: Int32, _ words: String
  ) async throws {
    let outcome = try await Program.run(arguments)
    #expect(outcome.code == code && outcome.output.isEmpty)
    #expect(outcome.errorOutput.contains(words), "\(outcome.errorOutput)")
  }
}
