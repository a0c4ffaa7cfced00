import Foundation
import TestSupport
import Testing

/// Results of sweeps, from outside: what they were made with, clips that cannot be read, and what
/// was lost on the way.
@Suite struct `Results of sweeps` {
  private static let golden = Fixtures.golden.appending(path: "qwen2_5_av")

  private struct Results: Decodable {
    struct Point: Decodable {
      /// Of curves, there is one for all points.
      let questions: Int?
    }
    struct Skipped: Decodable {
      let clip, reason: String
      let questions: [String]
    }
    struct Notice: Decodable {
      let text: String
      let questions: [String]
    }
    let points: [Point]?
    let questions: Int?
    let skipped: [Skipped]
    let notices: [Notice]
  }

  /// A clip and a checkpoint that may be changed, and a task file about them.
  private final class Bench {
    let scratch: Scratch
    var tasks: String { scratch.path("tasks.jsonl") }
    var results: String { scratch.path("r.jsonl") }

    init() throws {
      scratch = try Scratch()
      try scratch.copy("qwen2_5_av/clip", as: "clip")
      try scratch.copy("qwen2_5_av/checkpoint", as: "model")
      try ask(["a", "b"])
    }

    func ask(_ ids: [String], media: [String: String] = [:]) throws {
      let lines = ids.map { id in
        #"{"id":"\#(id)","media":"\#(media[id] ?? "clip")","question":"What is \#(id)?","answer":"x"}"#
      }
      try scratch.write("tasks.jsonl", Data((lines.joined(separator: "\n") + "\n").utf8))
    }

    func sweep(_ arguments: String..., format: String = "json") async throws -> Program.Outcome {
      try await Program.run(
        [
          "sweep", "--tasks", tasks, "--model", scratch.path("model"), "--methods", "full",
          "--max-new-tokens", "2", "--results", results, "--format", format, "--no-cache",
        ] + arguments)
    }

    func bytes() throws -> Data { try Data(contentsOf: URL(filePath: results)) }
  }

  @Test func `a sweep resumes only with the same inputs, else names the difference`() async throws {
    let bench = try Bench()
    #expect(try await bench.sweep().code == 0)
    let before = try bench.bytes()
    func expectRefusal(
      _ arguments: String..., naming words: [String],
      _ location: SourceLocation = #_sourceLocation
    ) async throws {
      let outcome = try await Program.run(
        [
          "sweep", "--tasks", bench.tasks, "--model", bench.scratch.path("model"), "--methods",
          "full", "--results", bench.results, "--no-cache",
        ] + arguments)
      #expect(outcome.code == 1 && outcome.output.isEmpty, sourceLocation: location)
      for word in words {
        #expect(
          outcome.errorOutput.contains(word), "\(outcome.errorOutput)", sourceLocation: location)
      }
      #expect(try bench.bytes() == before, sourceLocation: location)
    }
    let short = "--max-new-tokens"
    try await expectRefusal(short, "3", naming: ["--max-new-tokens 2, not 3"])
    try await expectRefusal(short, "2", "--compute", "bf16", naming: ["--compute f32, not bf16"])
    try await expectRefusal(short, "2", "--shard", "1/2", naming: ["no --shard, not --shard 1/2"])
    // The same folder, other weights in it.
    let weights = URL(filePath: bench.scratch.path("model/model.safetensors"))
    let original = try Data(contentsOf: weights)
    var changed = original
    changed[changed.count - 2] ^= 1
    try changed.write(to: weights)
    try await expectRefusal(short, "2", naming: ["another checkpoint"])
    try original.write(to: weights)
    // The same name, other sound.
    let sound = URL(filePath: bench.scratch.path("clip/audio.wav"))
    let heard = try Data(contentsOf: sound)
    var other = heard
    other[other.count - 2] ^= 1
    try other.write(to: sound)
    try await expectRefusal(short, "2", naming: ["other media", "clip"])
    try heard.write(to: sound)
    #expect(try await bench.sweep().code == 0)
    #expect(try bench.bytes() == before, "nothing was to be done")
  }

  @Test func `a sweep resumes with the same checkpoint in another folder`() async throws {
    let bench = try Bench()
    #expect(try await bench.sweep().code == 0)
    let before = try bench.bytes()
    try FileManager.default.moveItem(
      atPath: bench.scratch.path("model"), toPath: bench.scratch.path("moved"))
    try FileManager.default.createSymbolicLink(
      atPath: bench.scratch.path("model"), withDestinationPath: "moved")
    #expect(try await bench.sweep().code == 0)
    #expect(try bench.bytes() == before)
  }

  @Test func `a sweep keeps answers when questions are added or removed`() async throws {
    let bench = try Bench()
    #expect(try await bench.sweep().code == 0)
    try bench.ask(["a", "c"])
    let outcome = try await bench.sweep()
    #expect(outcome.code == 0, "\(outcome.errorOutput)")
    let found = try JSONDecoder().decode(Results.self, from: Data(outcome.output.utf8))
    #expect(found.points?.map(\.questions) == [2])
    let lines = try bench.bytes().split(separator: UInt8(ascii: "\n"))
    // Two headers, for the set has changed, and three answers: one is not asked again.
    #expect(lines.count == 5)
  }

  @Test func `a sweep skips an unreadable clip with a notice`() async throws {
    let bench = try Bench()
    try bench.scratch.write("broken.mp4", Data("no media".utf8))
    try bench.ask(["a", "b", "c", "d"], media: ["b": "broken.mp4", "c": "broken.mp4"])
    let outcome = try await bench.sweep()
    #expect(outcome.code == 1)
    let found = try JSONDecoder().decode(Results.self, from: Data(outcome.output.utf8))
    #expect(found.points?.map(\.questions) == [2])
    #expect(found.skipped.map(\.questions) == [["b", "c"]])
    #expect(found.skipped.first?.reason.contains("broken.mp4") == true)
    #expect(outcome.errorOutput.contains("skipped, with 2 questions"), "\(outcome.errorOutput)")
    #expect(try String(decoding: bench.bytes(), as: UTF8.self).contains("\"skipped\""))
    let table = try await bench.sweep(format: "text")
    #expect(table.code == 1 && table.output.contains("2 of 4 questions"), "\(table.output)")
    // Once it can be read, the rest is asked and nothing is missing.
    try FileManager.default.removeItem(atPath: bench.scratch.path("broken.mp4"))
    try bench.scratch.copy("qwen2_5_av/clip", as: "broken.mp4")
    let mended = try await bench.sweep()
    #expect(mended.code == 0, "\(mended.errorOutput)")
    let whole = try JSONDecoder().decode(Results.self, from: Data(mended.output.utf8))
    #expect(whole.skipped.isEmpty && whole.points?.map(\.questions) == [4])
    let merged = try await Program.run([
      "sweep", "--merge", bench.results, "--format", "json",
    ])
    let joined = try JSONDecoder().decode(Results.self, from: Data(merged.output.utf8))
    #expect(merged.code == 0 && merged.errorOutput.isEmpty, "\(merged.errorOutput)")
    #expect(joined.skipped.isEmpty && joined.points?.map(\.questions) == [4])
  }

  @Test(arguments: [
    ["sweep", "--methods", "full"], ["analyze", "--removals", "both"],
    ["agreement", "--retentions", "15"],
  ])
  func `every command over questions skips unreadable clips`(
    _ command: [String]
  ) async throws {
    let bench = try Bench()
    let arguments =
      command + [
        "--model", bench.scratch.path("model"), "--max-new-tokens", "2", "--no-cache", "--format",
        "json",
      ]
    let outcome = try await Program.run(
      arguments + [bench.scratch.path("clip"), bench.scratch.path("missing.mp4")])
    #expect(outcome.code == 1, "\(outcome.errorOutput)")
    let found = try JSONDecoder().decode(Results.self, from: Data(outcome.output.utf8))
    #expect(found.skipped.map(\.clip) == [bench.scratch.path("missing.mp4")])
    #expect((found.questions ?? found.points?.first?.questions) == 1)
    #expect(outcome.errorOutput.components(separatedBy: "missing.mp4").count > 1)
    let none = try await Program.run(arguments + [bench.scratch.path("missing.mp4")])
    #expect(none.code == 1, "\(none.errorOutput)")
  }

  /// A clip whose frame rate is assumed, which the audit notices.
  @Test(arguments: [
    ["sweep", "--methods", "full"], ["analyze", "--removals", "both"],
    ["agreement", "--retentions", "15"],
  ])
  func `notices of a clip reach every command`(_ command: [String]) async throws {
    let bench = try Bench()
    try bench.scratch.write("clip/clip.toml", Data("question = 'What?'\nnonsense = 1\n".utf8))
    func run(_ format: String) async throws -> Program.Outcome {
      try await Program.run(
        command + [
          bench.scratch.path("clip"), "--model", bench.scratch.path("model"), "--max-new-tokens",
          "2", "--no-cache", "--format", format,
        ])
    }
    let notice = "manifest ignored key: nonsense"
    let json = try await run("json")
    let found = try JSONDecoder().decode(Results.self, from: Data(json.output.utf8))
    #expect(json.code == 0 && found.notices.map(\.text).contains(notice), "\(json.output)")
    #expect(try await run("text").output.contains("note      \(notice)"))
    #expect(try await run("markdown").output.contains("- note      \(notice)"))
    let csv = try await run("csv")
    #expect(!csv.output.contains(notice) && csv.errorOutput.contains(notice))
  }

  @Test func `notices of a clip reach compare, bench, results and samples`() async throws {
    let bench = try Bench()
    try bench.scratch.write("clip/clip.toml", Data("question = 'What?'\nnonsense = 1\n".utf8))
    let notice = "manifest ignored key: nonsense"
    let run = [
      bench.scratch.path("clip"), "--model", bench.scratch.path("model"), "--max-new-tokens", "2",
      "--no-cache", "--repeats", "1",
    ]
    for command in [["compare", "--methods", "full"], ["bench", "--warmups", "0"]] {
      for format in ["text", "json"] {
        let outcome = try await Program.run(command + run + ["--format", format])
        #expect(outcome.code == 0 && outcome.output.contains(notice), "\(outcome.output)")
      }
    }
    let outcome = try await bench.sweep("--samples", bench.scratch.path("samples"))
    #expect(outcome.code == 0, "\(outcome.errorOutput)")
    #expect(try String(decoding: bench.bytes(), as: UTF8.self).contains(notice))
    let samples = try WrittenSamples.read(below: bench.scratch.path("samples"))
    #expect(samples.count == 1 && samples.values.allSatisfy { $0.contains(notice) }, "\(samples)")
  }

  @Test(arguments: ["sk-123", "{\"key\": 1}", "{}"])
  func `sweep results never replace a file of another format`(_ text: String) async throws {
    let bench = try Bench()
    try bench.scratch.write("r.jsonl", Data(text.utf8))
    let outcome = try await bench.sweep()
    #expect(outcome.code == 1 && outcome.errorOutput.contains("not a result of a sweep"))
    #expect(try bench.bytes() == Data(text.utf8))
  }
}
