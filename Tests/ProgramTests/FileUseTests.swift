import Foundation
import TestSupport
import Testing

/// Nothing is written over what the same command reads.
@Suite struct `Outputs that would overwrite inputs` {
  private static let golden = Fixtures.golden.appending(path: "qwen2_5_av")
  private static let trace = Fixtures.directory.deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "samples/sample.trace.jsonl")

  /// Every way to name one file: itself, another spelling, a link, a hard link.
  private static func names(of path: String, in scratch: Scratch) throws -> [String] {
    let (soft, hard) = (scratch.path("soft-\(UUID())"), scratch.path("hard-\(UUID())"))
    #expect(symlink(path, soft) == 0 && link(path, hard) == 0)
    let folder = URL(filePath: path).deletingLastPathComponent().path
    return [
      path, "\(folder)/./\(URL(filePath: path).lastPathComponent)", soft, hard,
    ]
  }

  private func expectSafe(
    _ file: String, in scratch: Scratch, _ location: SourceLocation = #_sourceLocation,
    _ arguments: (String) -> [String]
  ) async throws {
    let before = try Data(contentsOf: URL(filePath: file))
    for name in try Self.names(of: file, in: scratch) {
      let outcome = try await Program.run(arguments(name))
      #expect(outcome.code == 2, "\(outcome.errorOutput)", sourceLocation: location)
      #expect(outcome.output.isEmpty, sourceLocation: location)
      #expect(
        outcome.errorOutput.contains("would overwrite"), "\(outcome.errorOutput)",
        sourceLocation: location)
      #expect(try Data(contentsOf: URL(filePath: file)) == before, sourceLocation: location)
    }
  }

  @Test func `an output never overwrites the trace that is read`() async throws {
    let scratch = try Scratch()
    let trace = scratch.path("t.jsonl")
    try FileManager.default.copyItem(atPath: Self.trace.path, toPath: trace)
    try await expectSafe(trace, in: scratch) { ["capture", "--trace", trace, "--record", $0] }
    try await expectSafe(trace, in: scratch) { ["capture", "--trace", trace, "--output", $0] }
    try await expectSafe(trace, in: scratch) {
      ["export", trace, "--to", "csv", "--output", $0]
    }
  }

  @Test func `a trace never overwrites clips, models or settings`() async throws {
    let scratch = try Scratch()
    try scratch.copy("qwen2_5_av/clip", as: "clip")
    try scratch.copy("qwen2_5_av/checkpoint", as: "model")
    try scratch.write("s.yaml", Data("grid_in_window: 2\n".utf8))
    let run = [
      scratch.path("clip"), "--model", scratch.path("model"), "--config-yaml",
      scratch.path("s.yaml"), "--max-new-tokens", "1",
    ]
    for file in ["clip/audio.wav", "model/config.json", "s.yaml"] {
      try await expectSafe(scratch.path(file), in: scratch) {
        ["report"] + run + ["--record", $0]
      }
      try await expectSafe(scratch.path(file), in: scratch) {
        ["capture"] + run + ["--config", "/dev/null", "--output", $0]
      }
    }
  }

  @Test func `results never overwrite tasks, media or shards`() async throws {
    let scratch = try Scratch()
    try scratch.copy("qwen2_5_av/clip", as: "clip")
    let tasks = scratch.path("tasks.jsonl")
    try scratch.write(
      "tasks.jsonl", Data(#"{"id":"a","media":"clip","question":"Why?"}"#.utf8))
    let model = Self.golden.appending(path: "checkpoint").path
    let sweep = [
      "sweep", "--tasks", tasks, "--model", model, "--methods", "full", "--max-new-tokens", "1",
    ]
    try await expectSafe(tasks, in: scratch) { sweep + ["--results", $0] }
    try await expectSafe(scratch.path("clip/clip.toml"), in: scratch) {
      sweep + ["--results", $0]
    }
    let results = scratch.path("r.jsonl")
    #expect(try await Program.run(sweep + ["--results", results]).code == 0)
    try await expectSafe(results, in: scratch) {
      ["sweep", "--merge", results, "--results", $0]
    }
  }

  @Test func `two outputs to one file are refused`() async throws {
    let scratch = try Scratch()
    let outcome = try await Program.run([
      "capture", "--trace", Self.trace.path, "--config", "/dev/null", "--output",
      scratch.path("x"), "--record", scratch.path("./x"),
    ])
    #expect(outcome.code == 2 && outcome.errorOutput.contains("would write the same file"))
    #expect(!FileManager.default.fileExists(atPath: scratch.path("x")))
  }

  @Test func `render never overwrites its scene file`() async throws {
    let scratch = try Scratch()
    let scene =
      #"{"clip":"x","modalities":["video"],"scene":{"seed":1,"clutter":0,"grain":0,"flicker":false,"#
      + #""hiss":0,"windows":[{"shapes":[],"sound":{"kind":"silence"}}]},"#
      + #""questions":[{"id":"1","type":"c","question":"q","answer":"A","chance":0.5}]}"#
    try FileManager.default.createDirectory(
      atPath: scratch.path("1-x"), withIntermediateDirectories: false)
    let file = scratch.path("1-x/clip.toml")
    try scratch.write("1-x/clip.toml", Data(scene.utf8))
    let outcome = try await Program.run(["render", file, scratch.url.path])
    #expect(outcome.code == 2 && outcome.errorOutput.contains("would overwrite"))
    #expect(try String(contentsOfFile: file, encoding: .utf8) == scene)
  }

  @Test func `a run that cannot start keeps the older trace file`() async throws {
    let scratch = try Scratch()
    let trace = scratch.path("t.jsonl")
    try FileManager.default.copyItem(atPath: Self.trace.path, toPath: trace)
    let clip = Self.golden.appending(path: "clip").path
    for arguments in [[scratch.path("missing.mp4")], [clip, "--model", "/none"]] {
      let outcome = try await Program.run(["report"] + arguments + ["--record", trace])
      #expect(outcome.code == 1)
      #expect(FileManager.default.contentsEqual(atPath: trace, andPath: Self.trace.path))
    }
    #expect(try FileManager.default.contentsOfDirectory(atPath: scratch.url.path) == ["t.jsonl"])
  }

  @Test func `an output to /dev/stdout is written, not replaced`() async throws {
    let scratch = try Scratch()
    try scratch.write("log", Data("before\n".utf8))
    let export = "'\(Program.path)' export '\(Self.trace.path)' --to csv --output /dev/stdout"
    let script = "\(export) >> '\(scratch.path("log"))'"
    let process = Process()
    process.executableURL = URL(filePath: "/bin/sh")
    process.arguments = ["-c", script]
    try process.run()
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
    let log = try String(contentsOfFile: scratch.path("log"), encoding: .utf8)
    #expect(log.hasPrefix("before\nstep,"))
  }

  @Test func `a hyphen as output is standard output or is refused`() async throws {
    let outcome = try await Program.run(
      ["export", Self.trace.path, "--to", "csv", "--output", "-"])
    #expect(outcome.code == 0 && outcome.output.hasPrefix("step,"))
    for arguments in [["report", "--record", "-"], ["sweep", "--results", "-"]] {
      let refused = try await Program.run(arguments)
      #expect(refused.code == 2 && refused.output.isEmpty)
      #expect(refused.errorOutput.contains("standard output"), "\(refused.errorOutput)")
    }
    #expect(!FileManager.default.fileExists(atPath: "-"))
  }
}
