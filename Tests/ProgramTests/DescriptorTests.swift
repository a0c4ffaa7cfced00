import Foundation
import TestSupport
import Testing

/// However few files may be open at once, there is a result or a sentence.
@Suite struct `File descriptor limit` {
  private static let clip = Fixtures.golden.appending(path: "qwen2_5_av/clip").path
  private static let model = Fixtures.golden.appending(path: "qwen2_5_av/checkpoint").path
  private static let samples = Fixtures.directory.deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "samples").path

  /// With fewer than 4 the system cannot load the program.
  @Test(arguments: [
    ["report", clip, "--model", model, "--max-new-tokens", "2"],
    ["report", clip, "--model", model, "--max-new-tokens", "2", "--record", "trace"],
    ["sweep", clip, "--model", model, "--methods", "full", "--results", "results"],
    ["export", samples + "/sample.trace.jsonl", "--to", "csv"],
    ["capture", "--trace", samples + "/sample.trace.jsonl"],
    ["doctor"], ["themes"], ["samples"],
  ])
  func `commands with few file descriptors give a result or one error`(_ command: [String])
    async throws
  {
    for limit in [4, 5, 6, 7, 8, 10, 12, 14, 16, 19, 22, 25, 28, 31, 34, 37, 40, 43, 46, 64] {
      let scratch = try Scratch()
      let outcome = try await Program.run(
        command,
        through: ["sh", "-c", "cd \(scratch.url.path) && ulimit -n \(limit) && exec \"$0\" \"$@\""])
      if limit >= 46 {
        #expect(outcome.code == 0, "\(limit): \(outcome.errorOutput)")
      } else {
        #expect([0, 1].contains(outcome.code), "\(limit): \(outcome.errorOutput)")
        #expect(outcome.errorOutput.split(separator: "\n").count <= 1, "\(limit)")
      }
    }
  }

  @Test(.enabled(if: TmuxSession.isInstalled), arguments: [5, 20, 64])
  func `the screen with few file descriptors opens or exits with one error`(_ limit: Int)
    async throws
  {
    try await TmuxSession.open(columns: 120) { screen in
      var program = ScreenProgram()
      program.through = ["sh", "-c", "ulimit -n \(limit); exec \"$0\" \"$@\""]
      if limit < 64 {
        try await screen.start(program)
        try await screen.sees("more files can be open at once")
        try await screen.expectEnd(1)
      } else {
        try await screen.startPaused(program)
        try await screen.press("q")
        try await screen.expectEnd(0)
      }
    }
  }

  /// The first file that is opened gets the number of a stream that is closed.
  @Test(arguments: ["<&-", ">&-", "<&- >&-", "<&- >&- 2>&-", "2>&-"])
  func `output to a closed stream never goes to another file`(_ streams: String) async throws {
    let scratch = try Scratch()
    let script = "cd \(scratch.url.path) && exec \"$0\" \"$@\" \(streams)"
    let outcome = try await Program.run(
      [
        "sweep", Self.clip, "--model", Self.model, "--methods", "full", "--max-new-tokens", "2",
        "--results", "results",
      ], through: ["sh", "-c", script])
    let hasOutput = !streams.split(separator: " ").contains(">&-")
    #expect(outcome.code == (hasOutput ? 0 : 1), "\(streams) \(outcome.errorOutput)")
    let results = try String(contentsOfFile: scratch.path("results"), encoding: .utf8)
    #expect(results.split(separator: "\n").allSatisfy { $0.hasPrefix("{") }, "\(results)")
  }

  @Test(arguments: [["--help"], ["--version"], ["help", "report"], ["themes"]])
  func `output to a full device or a closed standard output is an error`(_ command: [String])
    async throws
  {
    for place in ["> /dev/full", ">&-"] {
      let outcome = try await Program.run(
        command, through: ["sh", "-c", "exec \"$0\" \"$@\" \(place)"])
      #expect(outcome.code == 1, "\(place)")
      #expect(outcome.errorOutput.contains("could not be written to standard output"))
    }
  }

  @Test func `the soft limit of open files is raised`() async throws {
    let outcome = try await Program.run(
      ["report", Self.clip, "--model", Self.model, "--max-new-tokens", "2"],
      through: ["sh", "-c", "ulimit -S -n 10 && exec \"$0\" \"$@\""])
    #expect(outcome.code == 0, "\(outcome.errorOutput)")
  }
}
