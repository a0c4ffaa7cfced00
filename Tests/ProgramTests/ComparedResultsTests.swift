import Foundation
import TestSupport
import Testing

/// `sweep --baseline` and `compare --results`, from outside.
@Suite struct `Compared results` {
  private static let folder = Fixtures.golden.deletingLastPathComponent()
    .appending(path: "evaluation")
  private static let old = folder.appending(path: "20260101_120000_samples_videomme-v0.4.jsonl")
    .path
  private static let new = folder.appending(path: "20261120_120000_samples_videomme.jsonl").path
  private static let many = folder.appending(path: "20261121_120000_samples_many.jsonl").path

  private struct Summary: Decodable {
    struct Paired: Decodable {
      let questions: Int
      let difference, mcnemarP: Double
      let standardError, pairedTP: Double?
    }
    struct Difference: Decodable {
      let method: String
      let retention: Double
      let paired: Paired
    }
    struct Baseline: Decodable {
      let method: String
      let differences: [Difference]
    }
    let baseline: Baseline?
  }

  private func summary(_ text: String) throws -> Summary {
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    return try decoder.decode(Summary.self, from: Data(text.utf8))
  }

  private static let sweep = [
    "sweep", "--limit", "2", "--methods", "seats,random", "--retentions", "35,10",
    "--max-new-tokens", "4",
  ]

  @Test func `every output format of a sweep names its baseline`() async throws {
    let scratch = try Scratch()
    let results = scratch.path("r.jsonl")
    let run = Self.sweep + ["--results", results, "--baseline"]
    let full = try await Program.run(run + ["full", "--format", "json"])
    #expect(full.code == 0, "\(full.errorOutput)")
    let differences = try #require(try summary(full.output).baseline).differences
    #expect(differences.map(\.method) == ["seats", "seats", "random", "random"])
    #expect(differences.allSatisfy { $0.paired.questions == 8 && $0.paired.standardError != nil })
    let text = try await Program.run(run + ["seats"])
    #expect(text.output.contains("paired differences from seats at the same R"))
    #expect(text.output.contains("p McNemar") && text.output.contains("p paired t"))
    let markdown = try await Program.run(run + ["seats", "--format", "markdown"])
    #expect(markdown.output.contains("| random | 35 | 8 |"), "\(markdown.output)")
    let csv = try await Program.run(run + ["seats", "--format", "csv"])
    let lines = csv.output.split(separator: "\n")
    #expect(lines.count == 6 && lines[0].hasSuffix("p McNemar,p paired t"))
    let merged = try await Program.run([
      "sweep", "--merge", results, "--baseline", "full", "--format", "json",
    ])
    #expect(try summary(merged.output).baseline?.differences.count == 4)
    let none = try await Program.run(["sweep", "--merge", results, "--baseline", "omnizip"])
    #expect(none.code == 1 && none.output.isEmpty)
    #expect(none.errorOutput.contains("--baseline omnizip is not a method"))
    let plain = try await Program.run(Self.sweep + ["--results", results, "--format", "json"])
    #expect(plain.code == 0 && !plain.output.contains("baseline"))
  }

  @Test func `a baseline that is not swept exits with 2 and lists the methods`()
    async throws
  {
    let outcome = try await Program.run(Self.sweep + ["--baseline", "omnizip"])
    #expect(outcome.code == 2 && outcome.output.isEmpty)
    #expect(outcome.errorOutput.contains("(full, seats, random)"), "\(outcome.errorOutput)")
  }

  @Test func `two lmms-eval sample files are compared in every output format`() async throws {
    let pair = ["compare", "--results", Self.old, Self.new]
    let text = try await Program.run(pair)
    #expect(text.code == 0 && text.errorOutput.isEmpty, "\(text.errorOutput)")
    #expect(text.output.contains("a         \(Self.old): samples of lmms-eval"))
    #expect(text.output.contains("metric videomme_perception_score"))
    // 0.478 and 0.783 with their errors, by scipy.
    let cells = ["47.8", "[23.8, 71.9]", "78.3", "[65.5, 91.1]", "+30.4", "14.3", "0.065", "0.031"]
    for cell in cells {
      #expect(text.output.contains(cell), "\(cell) is not in \(text.output)")
    }
    #expect(text.output.contains("1 question only in a: doc_id 3"))
    let csv = try await Program.run(pair + ["--format", "csv"])
    #expect(csv.output.split(separator: "\n").count == 2 && csv.errorOutput.contains("only in a"))
    let json = try await Program.run(pair + ["--format", "json"])
    let value = try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [String: Any]
    #expect((value?["compared"] as? [[String: Any]])?.count == 1)
    let markdown = try await Program.run(pair + ["--format", "markdown"])
    #expect(markdown.output.contains("| samples |  | 23 | 8 |"), "\(markdown.output)")
  }

  @Test func `a metric missing in the results exits with an error`() async throws {
    let named = try await Program.run([
      "compare", "--results", Self.old, Self.many, "--metric", "f1",
    ])
    #expect(named.code == 0 && named.output.contains("metric f1"), "\(named.errorOutput)")
    let none = try await Program.run([
      "compare", "--results", Self.many, Self.many, "--metric", "bleu",
    ])
    #expect(none.code == 1 && none.errorOutput.contains("exact_match, f1"), "\(none.errorOutput)")
    let method = try await Program.run([
      "compare", "--results", Self.many, Self.many, "--methods", "seats",
    ])
    #expect(method.code == 1 && method.errorOutput.contains("apply to results of sweeps"))
  }

  @Test func `sweep results are compared with the samples they wrote`() async throws {
    let scratch = try Scratch()
    let clips = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appending(path: "samples/clips")
    let lines = ["1-two-parts", "2-sound-decides"].enumerated().map { index, clip in
      #"{"id":"q\#(index)","media":"\#(clips.appending(path: clip).path)","question":"Which?","choices":["red","blue"],"answer":"A"}"#
    }
    try scratch.write("mine.jsonl", Data(lines.joined(separator: "\n").utf8))
    let sweep = try await Program.run([
      "sweep", "--tasks", scratch.path("mine.jsonl"), "--methods", "seats", "--retentions", "10",
      "--max-new-tokens", "4", "--results", scratch.path("r.jsonl"), "--samples",
      scratch.path("s"),
    ])
    #expect(sweep.code == 0, "\(sweep.errorOutput)")
    let folder = scratch.path("s")
    let file = try #require(try FileManager.default.contentsOfDirectory(atPath: folder).first)
    let outcome = try await Program.run([
      "compare", "--results", scratch.path("r.jsonl"), "\(folder)/\(file)", "--methods", "seats",
      "--format", "csv",
    ])
    #expect(outcome.code == 0, "\(outcome.errorOutput)")
    #expect(outcome.output.contains("seats → samples,10,2,2,"), "\(outcome.output)")
    #expect(outcome.output.contains(",+0.0,0.0,0,0,1.000,1.000,0,0"), "\(outcome.output)")
    #expect(outcome.errorOutput.contains("paired by doc_hash"))
    let metric = try await Program.run([
      "compare", "--results", scratch.path("r.jsonl"), scratch.path("r.jsonl"), "--metric", "f1",
    ])
    #expect(metric.code == 1 && metric.errorOutput.contains("neither file has any"))
  }

  @Test(arguments: [
    (["--results", "a"], "takes two files"), (["--results", "a", "b", "c"], "takes two files"),
    (["--results", "a", "b", "--model", "m"], "leave out --model"),
    (["--results", "a", "b", "--repeats", "3"], "leave out --repeats"),
    (["--results", "a", "b", "--fps=2"], "leave out --fps"),
    (["--results", "a", "-"], "not a standard stream"),
    (["--metric", "f1"], "requires --results"), (["--retentions", "10"], "requires --results"),
    (["--results", "a", "b", "--retentions", "0"], "percentages from 1 to 100"),
  ])
  func `wrong options of results compare exit with 2 and the reason`(
    _ arguments: [String], _ words: String
  )
    async throws
  {
    let outcome = try await Program.run(["compare"] + arguments)
    #expect(outcome.code == 2 && outcome.output.isEmpty)
    #expect(outcome.errorOutput.contains(words), "\(outcome.errorOutput)")
  }

  @Test func `comparing files without answers is refused`() async throws {
    let scratch = try Scratch()
    try scratch.write("x.json", Data(#"{"results": {}}"#.utf8))
    for file in [scratch.path("x.json"), scratch.path("missing.jsonl"), scratch.url.path] {
      let outcome = try await Program.run(["compare", "--results", Self.new, file])
      #expect(outcome.code == 1 && outcome.output.isEmpty)
      #expect(outcome.errorOutput.split(separator: "\n").count == 1, "\(outcome.errorOutput)")
      #expect(outcome.errorOutput.contains(URL(filePath: file).lastPathComponent))
    }
  }
}
