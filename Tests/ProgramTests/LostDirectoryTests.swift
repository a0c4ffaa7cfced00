import Foundation
import TestSupport
import Testing

/// Where the working directory was removed, or may not be read, commands work all the same.
@Suite struct `A deleted working directory` {
  private static let clip = Fixtures.golden.appending(path: "qwen2_5_av/clip").path
  private static let model = Fixtures.golden.appending(path: "qwen2_5_av/checkpoint").path
  private static let trace = Fixtures.directory.deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "samples/sample.trace.jsonl").path

  static let commands: [[String]] = [
    ["report", clip, "--model", model, "--max-new-tokens", "2"], ["samples"], ["themes"],
    ["doctor"],
    ["keys"], ["cache"], ["export", trace, "--to", "csv"], ["capture", "--trace", trace],
    ["sweep", clip, "--model", model, "--methods", "full"],
  ]

  @Test(arguments: commands)
  func `a deleted working directory does not stop a command`(_ command: [String]) async throws {
    for ruin in ["rmdir \"$PWD\"", "chmod 0 \"$PWD\""] {
      let scratch = try Scratch()
      let script =
        "mkdir '\(scratch.path("w"))'; cd '\(scratch.path("w"))'; \(ruin); exec \"$0\" \"$@\""
      let outcome = try await Program.run(
        command, through: ["timeout", "60", "sh", "-c", script])
      #expect(outcome.code == 0, "\(ruin): \(outcome.errorOutput)")
      chmod(scratch.path("w"), 0o755)
    }
  }

  @Test(arguments: [["report", "clip"], ["report", "a.mp4"], ["report", "../clip"]])
  func `a relative path in a deleted working directory names the cause`(_ command: [String])
    async throws
  {
    let scratch = try Scratch()
    let script =
      "mkdir '\(scratch.path("w"))'; cd '\(scratch.path("w"))'; rmdir \"$PWD\"; exec \"$0\" \"$@\""
    let outcome = try await Program.run(
      command, through: ["timeout", "60", "sh", "-c", script])
    #expect(outcome.code == 1)
    #expect(outcome.errorOutput.split(separator: "\n").count == 1, "\(outcome.errorOutput)")
  }

  @Test(.enabled(if: TmuxSession.isInstalled))
  func `a deleted working directory does not stop the screen`() async throws {
    try await TmuxSession.open { screen in
      var program = ScreenProgram()
      program.through = ["sh", "-c", "mkdir w; cd w; rmdir \"$PWD\"; exec \"$0\" \"$@\""]
      try await screen.startPaused(program)
      try await screen.press("q")
      try await screen.expectEnd(0)
    }
  }
}
