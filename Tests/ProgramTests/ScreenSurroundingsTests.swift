import Foundation
import TestSupport
import Testing

extension `The screen in a terminal` {
  @Suite struct `Terminal environment` {
    /// The program says one sentence and ends with 2; nothing else reaches the terminal.
    private func expectRefusal(
      _ program: ScreenProgram, saying part: String,
      at location: SourceLocation = #_sourceLocation
    ) async throws {
      try await TmuxSession.open { screen in
        try await screen.recordBytes(to: "bytes")
        try await screen.start(program)
        try await screen.expectEnd(2, at: location)
        let bytes = try await screen.file("bytes") { $0.contains("[exit 2]") }
        #expect(!bytes.contains("\u{1b}"), "\(bytes.debugDescription)", sourceLocation: location)
        let sentences = bytes.split(whereSeparator: \.isNewline).filter {
          $0.hasPrefix("seats-top: ")
        }
        #expect(sentences.count == 1, "\(bytes)", sourceLocation: location)
        #expect(sentences.first?.contains(part) == true, "\(bytes)", sourceLocation: location)
      }
    }

    @Test(arguments: ["dumb", "nonsense", ""])
    func `an unusable TERM is refused with a hint`(_ term: String) async throws {
      var program = ScreenProgram()
      program.environment = ["TERM=\(term)"]
      try await expectRefusal(program, saying: "TERM")
    }

    @Test func `an unset TERM is refused with a hint`() async throws {
      try await expectRefusal(ScreenProgram(unset: ["TERM"]), saying: "TERM is not set")
    }

    @Test(arguments: ["<&-", "</dev/null", ">&-", "> elsewhere"])
    func `a screen with redirected input or output exits with 2`(_ redirection: String) async throws
    {
      try await expectRefusal(
        ScreenProgram(redirection: redirection), saying: "needs a terminal")
    }

    @Test func `a screen without a controlling terminal exits with 2`() async throws {
      let outcome = try await Program.run(ScreenProgram().arguments)
      #expect(outcome.code == 2)
      #expect(outcome.output.isEmpty)
      #expect(outcome.errorOutput.contains("needs a terminal"))
    }

    @Test(arguments: ["vt100", "linux", "xterm-kitty"])
    func `the screen opens on every known terminal type`(_ term: String) async throws {
      try await TmuxSession.open { screen in
        var program = ScreenProgram()
        program.environment = ["TERM=\(term)"]
        try await screen.startPaused(program)
        try await screen.press("n")
        try await screen.sees("paused before layer 2")
        try await screen.press("q")
        try await screen.expectEnd(0)
      }
    }

    @Test(arguments: ["C", "POSIX", "xx_XX.UTF-8"])
    func `the screen opens in any locale`(_ locale: String) async throws {
      try await TmuxSession.open { screen in
        var program = ScreenProgram()
        program.environment = ["LC_ALL=\(locale)"]
        try await screen.startPaused(program)
        let pane = try await screen.text()
        #expect(pane.contains(/[✓+] encoders\s+[█#]/), "\(pane)")
        #expect(pane.contains(/plan\s+seats R 15 (→|->)\s/), "\(pane)")
        try await screen.press("q")
        try await screen.expectEnd(0)
      }
    }

    @Test(arguments: [["COLUMNS=200", "LINES=60"], ["COLUMNS=20", "LINES=5"], ["COLUMNS=none"]])
    func `LINES and COLUMNS do not override the terminal's size`(_ variables: [String]) async throws
    {
      try await TmuxSession.open(columns: 90, rows: 26) { screen in
        var program = ScreenProgram()
        program.environment = variables
        try await screen.startPaused(program)
        let lines = try await screen.text().split(
          separator: "\n", omittingEmptySubsequences: false)
        #expect(lines.count > 25 && lines[0].contains("seats-top"), "\(lines)")
        #expect(lines.count > 25 && lines[25].contains("paused before layer 1"), "\(lines)")
      }
    }

    @Test func `^S does not stop the output of the screen`() async throws {
      try await TmuxSession.open { screen in
        try await screen.startPaused()
        try await screen.press("C-s")
        try await screen.sees("^S does nothing here")
        try await screen.press("C-z")
        try await screen.expectEnd(148)
        try await screen.bringBack()
        try await screen.sees("paused before layer 1")
        try await screen.press("C-q")
        try await screen.sees("^Q does nothing here")
        try await screen.press("q")
        try await screen.expectEnd(0)
      }
    }

    @Test func `--ascii draws nothing but ASCII`() async throws {
      try await TmuxSession.open { screen in
        var program = ScreenProgram()
        program.options += ["--ascii"]
        try await screen.startPaused(program)
        try await screen.press("?")
        let help = try await screen.sees("budget R +1, -1")
        try await screen.press("Escape")
        try await screen.losesSight(of: "budget R +1, -1")
        try await screen.press("Space")
        let pane = try await screen.sees(". done .")
        let odd = (help + pane).unicodeScalars.filter { !$0.isASCII }
        #expect(odd.isEmpty, "\(pane)")
      }
    }

    @Test(arguments: [
      (["NO_COLOR=1"], [], false), ([], ["--color", "never"], false), ([], [], true),
    ])
    func `colour options and NO_COLOR set the screen's colours`(
      _ environment: [String], _ options: [String], _ areWanted: Bool
    ) async throws {
      try await TmuxSession.open { screen in
        var program = ScreenProgram()
        program.environment = environment
        program.options += options
        try await screen.recordBytes(to: "bytes")
        try await screen.startPaused(program)
        try await screen.press("t", "t", "t", "Space")
        try await screen.sees("· done ·")
        try await screen.press("q")
        try await screen.expectEnd(0)
        let bytes = try await screen.file("bytes") { $0.contains("[exit 0]") }
        #expect(Self.colors(in: bytes).isEmpty != areWanted, "\(Self.colors(in: bytes))")
      }
    }

    @Test(arguments: [
      (["COLORTERM=truecolor"], [], true), ([], ["--color", "truecolor"], true),
      (["COLORTERM=truecolor"], ["--color", "256"], false), (["COLORTERM="], [], false),
      (["COLORTERM=truecolor", "NO_COLOR=1"], [], false),
    ])
    func `frames have colours by components where the terminal has them`(
      _ environment: [String], _ options: [String], _ areWanted: Bool
    ) async throws {
      try await TmuxSession.open { screen in
        var program = ScreenProgram()
        program.environment = ["TERM=tmux-256color"] + environment
        program.options += options
        try await screen.startPaused(program)
        try await screen.press("3")
        try await screen.sees("video token 1 of")
        let cells = try await screen.tmux("capture-pane", "-e", "-p", "-t", "main")
        #expect(cells.contains("38;2;") == areWanted)
        try await screen.press("Up", "Down", "q")
        try await screen.expectEnd(0)
        #expect(try await screen.value("alternate_on") == "0")
      }
    }

    /// The parameters that choose a colour; 39 and 49, the terminal's own, are none.
    private static func colors(in bytes: String) -> [Int] {
      bytes.matches(of: /\u{1b}\[([0-9;]*)m/).flatMap { match in
        match.1.split(separator: ";").compactMap { Int($0) }
      }.filter { (30...49).contains($0) && $0 % 10 != 9 || (90...107).contains($0) }
    }
  }
}
