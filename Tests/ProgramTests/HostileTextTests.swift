import Foundation
import TestSupport
import Testing

extension `The screen in a terminal` {
  /// Clips and models come from elsewhere: their texts must not command the terminal.
  @Suite struct `Control characters on the screen` {
    /// Sets the window's title, were it to arrive; then a bell, a colour, and a C1 sequence.
    private static let attack = #"\u001b]2;owned\u0007\u001b[31mred\u009b32m\u202egreen\r\nline"#

    private func writeClip(_ scratch: Scratch) throws {
      try scratch.copy("qwen2_5_av/clip", as: "clip")
      let file = URL(filePath: scratch.path("clip/clip.toml"))
      let text = try String(contentsOf: file, encoding: .utf8)
        .replacing(/title = .*/, with: #"title = "T\#(Self.attack)""#)
        .replacing(
          /question = .*/, with: #"question = "Q\#(Self.attack)"\#nanswer = "E\#(Self.attack)""#)
      try text.write(to: file, atomically: true, encoding: .utf8)
    }

    /// A model that answers in bytes that would be an escape sequence: two tokens of its answer
    /// change places with ESC and `]`.
    private func writeModel(_ scratch: Scratch) throws {
      try scratch.copy("qwen2_5_av/checkpoint", as: "checkpoint")
      for (name, isNested) in [("tokenizer.json", true), ("vocab.json", false)] {
        let file = URL(filePath: scratch.path("checkpoint/\(name)"))
        guard
          var root = try JSONSerialization.jsonObject(with: Data(contentsOf: file))
            as? [String: Any]
        else { continue }
        var model = root["model"] as? [String: Any] ?? [:]
        var vocabulary = (isNested ? model["vocab"] : root) as? [String: Int] ?? [:]
        try exchange("b", "\u{11b}", in: &vocabulary)
        try exchange("\u{12f}", "]", in: &vocabulary)
        model["vocab"] = vocabulary
        if isNested { root["model"] = model }
        try JSONSerialization.data(withJSONObject: isNested ? root : vocabulary).write(to: file)
      }
    }

    private func exchange(_ a: String, _ b: String, in vocabulary: inout [String: Int]) throws {
      let (first, second) = (try #require(vocabulary[a]), try #require(vocabulary[b]))
      vocabulary[a] = second
      vocabulary[b] = first
    }

    /// Nothing of an attack is there: no title, no bell, no escape that curses would not send.
    private func expectTame(_ bytes: String, at location: SourceLocation = #_sourceLocation) {
      // By scalars: in characters an escape could hide behind a mark that follows it.
      let scalars = Array(bytes.unicodeScalars)
      let isEscape = zip(scalars, scalars.dropFirst()).contains { $0 == "\u{1b}" && $1 == "]" }
      #expect(!isEscape, "an operating system command", sourceLocation: location)
      for scalar in ["\u{7}", "\u{9b}", "\u{202e}"] as [Unicode.Scalar] {
        #expect(!scalars.contains(scalar), "\(scalar.value)", sourceLocation: location)
      }
    }

    @Test func `control characters in title, question and answers are replaced`() async throws {
      try await TmuxSession.open(columns: 120, rows: 30) { screen in
        try writeClip(screen.scratch)
        try writeModel(screen.scratch)
        try await screen.recordBytes(to: "bytes")
        try await screen.startPaused(ScreenProgram(model: "checkpoint", clip: "clip"))
        try await screen.press("Space")
        try await screen.sees("· done ·", "expected E", "]2;owned")
        try await screen.press("f")
        try await screen.sees("× faster")
        for key in ["8", "9"] {
          try await screen.press(key)
          try await screen.sees(key == "8" ? "clip source" : "opened")
        }
        try await screen.press("q")
        try await screen.expectEnd(0)
        let bytes = try await screen.file("bytes") { $0.contains("[exit 0]") }
        expectTame(bytes)
        #expect(try await screen.value("pane_title") != "owned")
      }
    }

    @Test func `control characters in file names of error messages are replaced`() async throws {
      try await TmuxSession.open(columns: 120, rows: 30) { screen in
        try await screen.recordBytes(to: "bytes")
        try await screen.start(ScreenProgram(clip: "no\u{1b}]2;owned\u{7}where"))
        try await screen.sees("There is no clip at no")
        try await screen.press("q")
        try await screen.expectEnd(0)
        expectTame(try await screen.file("bytes") { $0.contains("[exit 0]") })
      }
    }

    @Test func `the text report and error messages have no control characters`() async throws {
      let scratch = try Scratch()
      try writeClip(scratch)
      try writeModel(scratch)
      let program = ScreenProgram(model: scratch.path("checkpoint"), clip: scratch.path("clip"))
      let text = try await Program.run(["report"] + program.arguments)
      #expect(text.code == 0, "\(text.errorOutput)")
      expectTame(text.output)
      #expect(!text.output.contains("\u{1b}"))
      let missing = ScreenProgram(clip: "no\u{1b}]2;owned\u{7}where")
      let errorOutput = try await Program.run(["report"] + missing.arguments).errorOutput
      #expect(errorOutput.contains("There is no clip at no"))
      expectTame(errorOutput)
    }
  }
}
