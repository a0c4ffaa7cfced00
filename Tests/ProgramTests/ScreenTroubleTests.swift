import Foundation
import TestSupport
import Testing

extension `The screen in a terminal` {
  /// What goes wrong while the screen is up is said on it, and the keys go on working.
  @Suite struct `Errors on the screen` {
    private func expectMessage(
      _ parts: [String], _ change: (Scratch) throws -> ScreenProgram,
      at location: SourceLocation = #_sourceLocation
    ) async throws {
      try await TmuxSession.open(columns: 160, rows: 30) { screen in
        try await screen.start(try change(screen.scratch))
        try await screen.wait(for: "\(parts)", at: location) { pane in
          // The sentence may be broken anywhere.
          let words = pane.filter { !$0.isWhitespace }
          return parts.allSatisfy { words.contains($0.filter { !$0.isWhitespace }) }
        }
        #expect(try await screen.value("alternate_on") == "1", sourceLocation: location)
        try await screen.press("?")
        try await screen.sees("budget R +1, -1", at: location)
        try await screen.press("Escape")
        try await screen.losesSight(of: "budget R +1, -1", at: location)
        try await screen.press("n")
        let pane = try await screen.wait(for: "an answer to n", at: location) {
          $0.contains("nothing is open") || $0.contains("still loading")
        }
        #expect(!pane.contains("still loading"), "nothing loads any more", sourceLocation: location)
        try await screen.press("9")
        try await screen.sees("ms  ", parts[0], at: location)
        try await screen.press("q")
        try await screen.expectEnd(0, at: location)
      }
    }

    @Test func `a missing clip ends the screen and names its path`() async throws {
      try await expectMessage(["There is no clip at nowhere", "give a clip directory"]) { _ in
        ScreenProgram(clip: "nowhere")
      }
    }

    @Test func `a missing model ends the screen and names its path`() async throws {
      try await expectMessage(["There is no model directory nowhere"]) { _ in
        ScreenProgram(model: "nowhere")
      }
    }

    @Test func `damaged weights end the screen and name the file`() async throws {
      try await expectMessage(["model.safetensors is damaged at byte", "download it again"]) {
        try $0.copy("qwen2_5_av/checkpoint", as: "checkpoint")
        let file = try FileHandle(
          forUpdating: URL(filePath: $0.path("checkpoint/model.safetensors")))
        try file.truncate(atOffset: 100_000)
        return ScreenProgram(model: "checkpoint")
      }
    }

    @Test func `a report that cannot be written leaves the run as it was`() async throws {
      try await TmuxSession.open { screen in
        var program = ScreenProgram()
        program.options += ["--report-file", "nowhere/report.json"]
        try await screen.startPaused(program)
        try await screen.press("Space")
        try await screen.sees("· done ·")
        try await screen.press("s")
        try await screen.sees("nowhere/report.json could not be written")
        try await screen.press("p")
        try await screen.sees("· paused ·", "▶ head")
        try await screen.press("q")
        try await screen.expectEnd(0)
      }
    }
  }
}
