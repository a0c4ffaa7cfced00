// swift-format-ignore-file: AlwaysUseLowerCamelCase
// The report keeps the spelling of its keys.

import Foundation
import TestSupport
import Testing

extension `The screen in a terminal` {
  @Suite struct `Replaying a trace` {
    /// A terminal with a trace of the golden run in `run.jsonl`.
    private func record(_ screen: TmuxSession) async throws -> ReportReading {
      let path = screen.scratch.path("run.jsonl")
      let outcome = try await Program.run(
        ["report", "--format", "json", "--record", path] + ScreenProgram().arguments)
      try #require(outcome.code == 0, "\(outcome.errorOutput)")
      return try ReportReading(json: Data(outcome.output.utf8))
    }

    private func replay(_ arguments: String..., input: String = "") -> ScreenProgram {
      var program = ScreenProgram()
      program.command = ["replay"] + arguments
      program.redirection = input
      return program
    }

    @Test func `replay shows the numbers of the run without its model`() async throws {
      try await TmuxSession.open(columns: 100, rows: 30) { screen in
        let report = try await record(screen)
        try await screen.start(replay("run.jsonl"))
        try await screen.sees("replay", "paused before layer 1")
        try await screen.press("d")
        try await screen.sees("layer 5/10")
        try await screen.press("p")
        try await screen.sees("layer 4/10")
        try await screen.press("Space")
        try await screen.seesSurvivors(of: report)
        try await screen.sees(String(report.answer.text.trimmedLine.prefix(4)))
        try await screen.press("+")
        try await screen.sees("not in a replay: the plan")
        try await screen.press("f")
        try await screen.sees("No run with full tokens was recorded")
        try await screen.press("t", "0")
        try await screen.sees("layer 0/10")
        try await screen.press("q")
        try await screen.expectEnd(0)
      }
    }

    @Test func `replay shows the steps that the screen recorded`() async throws {
      try await TmuxSession.open(columns: 100, rows: 30) { screen in
        var program = ScreenProgram()
        program.options += ["--record", "live.jsonl"]
        try await screen.startPaused(program)
        try await screen.press("Space")
        let live = LedgerReading(try await screen.sees("· done ·", "✓ head"))
        try await screen.press("q")
        try await screen.expectEnd(0)
        try await screen.tmux("send-keys", "-t", "main", "clear; rm ended", "Enter")
        try await screen.start(replay("live.jsonl"))
        try await screen.sees("replay", "paused before layer 1")
        try await screen.press("Space")
        let replayed = LedgerReading(try await screen.sees("· done ·", "✓ head"))
        #expect(replayed == live)
        try await screen.press("q")
      }
    }

    @Test func `replay opens a truncated trace with a note`() async throws {
      try await TmuxSession.open(columns: 100, rows: 30) { screen in
        _ = try await record(screen)
        let whole = try Data(contentsOf: screen.scratch.url.appending(path: "run.jsonl"))
        try screen.scratch.write("run.jsonl", whole.prefix(whole.count * 9 / 10))
        try await screen.start(replay("run.jsonl"))
        try await screen.sees("is truncated", "replay")
        try await screen.press("q")
        try await screen.expectEnd(0)
      }
    }

    @Test func `replay follows a pipe and reports its end`() async throws {
      try await TmuxSession.open(columns: 100, rows: 30) { screen in
        _ = try await record(screen)
        let text = try String(
          contentsOf: screen.scratch.url.appending(path: "run.jsonl"), encoding: .utf8)
        let lines = text.split(separator: "\n").map(String.init).filter {
          !$0.contains(#""event":"lens""#)
        }
        let pipe = screen.scratch.path("pipe")
        try #require(mkfifo(pipe, 0o600) == 0)
        try await screen.start(replay("--follow", "-", input: "<pipe"))
        // Opening waits for the reader, which opens its end in the shell.
        let writer = try #require(FileHandle(forWritingAtPath: pipe))
        try writer.write(contentsOf: Data(lines[..<4].map { $0 + "\n" }.joined().utf8))
        try await screen.sees("replay", "layer 0/10", "paused before layer 1")
        let half = lines[4].index(lines[4].startIndex, offsetBy: 30)
        try writer.write(contentsOf: Data(lines[4][..<half].utf8))
        try writer.write(contentsOf: Data((lines[4][half...] + "\nnot json\n").utf8))
        try await screen.sees("layer 1/10", "Standard input:6: The line is not a JSON object")
        try await screen.press("p")
        try await screen.sees("layer 0/10")
        try writer.write(contentsOf: Data((lines[5] + "\n").utf8))
        try await screen.press("Space")
        try await screen.sees("layer 2/10")
        try writer.write(contentsOf: Data((lines[6] + "\n").utf8))
        try await screen.sees("layer 3/10")
        try writer.close()
        try await screen.sees("Standard input has ended")
        try await screen.press("q")
        try await screen.expectEnd(0)
      }
    }

    @Test func `replay waits for a missing file and can be quit meanwhile`() async throws {
      try await TmuxSession.open(columns: 100, rows: 30) { screen in
        try await screen.start(replay("--follow", "later.jsonl"))
        try await screen.sees("waiting for later.jsonl (no such file yet)")
        try await screen.press("q")
        try await screen.expectEnd(0)
      }
    }
  }
}

/// The trace that ships.
@Suite struct `The sample trace` {
  private struct Line: Decodable {
    struct Drop: Decodable { let kept: [Int] }

    let event: String?
    let layer: Int?
    let drop: Drop?
    let text: String?
  }

  private struct Report: Decodable {
    struct Boundary: Decodable {
      let after_layer: Int
      let kept: [Int]
    }
    struct Answer: Decodable { let text: String }

    let boundaries: [Boundary]
    let answer: Answer
  }

  @Test func `the sample trace equals a fresh recording`() async throws {
    let samples = Fixtures.golden.deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appending(path: "samples")
    let data = try Data(contentsOf: samples.appending(path: "sample.trace.jsonl"))
    #expect(data.count < 200_000)
    let lines = try data.split(separator: UInt8(ascii: "\n")).map {
      try JSONDecoder().decode(Line.self, from: $0)
    }
    let outcome = try await Program.run([
      "report", "--format", "json", samples.appending(path: "clips/4-two-at-once").path,
    ])
    let report = try JSONDecoder().decode(Report.self, from: Data(outcome.output.utf8))
    for boundary in report.boundaries {
      let step = lines.last { $0.event == "step" && $0.layer == boundary.after_layer }
      #expect(step?.drop?.kept == boundary.kept, "after layer \(boundary.after_layer)")
    }
    #expect(lines.last { $0.event == "answer" }?.text == report.answer.text)
    #expect(lines.last?.event == "end")
  }
}
