import Foundation
import Testing

extension `The screen in a terminal` {
  /// In every way out the terminal is as it was: main screen, cursor, modes.
  @Suite struct `Exit of the screen` {
    /// Its answer takes long enough to be interrupted.
    private static let endless = ScreenProgram(
      options: ["--max-new-tokens", "100000", "--ignore-eos"])

    @Test func `^C twice while idle quits with 130`() async throws {
      try await TmuxSession.open { screen in
        try await screen.startPaused()
        try await screen.press("C-c")
        try await screen.sees("quit? ^C again or q quits")
        try await screen.press("j")
        try await screen.sees("paused before layer 1")
        try await screen.press("C-c")
        try await screen.sees("quit? ^C again or q quits")
        try await screen.press("C-c")
        try await screen.expectEnd(130)
      }
    }

    @Test func `^C cancels the run, and a second ^C quits`() async throws {
      try await TmuxSession.open { screen in
        try await screen.startPaused(Self.endless)
        try await screen.press("Space")
        try await screen.sees("· decoding ·")
        try await screen.press("C-c")
        try await screen.sees("cancelled: ^C again quits", "· paused ·")
        #expect(try await screen.process().isAlive)
        try await screen.press("C-c")
        try await screen.expectEnd(130)
      }
    }

    @Test(arguments: [(SIGTERM, 143), (SIGHUP, 129), (SIGQUIT, 131)] as [(Int32, Int32)])
    func `a termination signal ends the screen and restores the terminal`(
      _ signal: Int32, _ code: Int32
    ) async throws {
      try await TmuxSession.open { screen in
        try await screen.startPaused()
        try await screen.send(signal)
        try await screen.expectEnd(code)
      }
    }

    @Test(
      arguments: [(SIGSEGV, 139), (SIGABRT, 134), (SIGTRAP, 133), (SIGILL, 132)] as [(Int32, Int32)]
    )
    func `a crash of the screen restores the terminal`(_ signal: Int32, _ code: Int32) async throws
    {
      try await TmuxSession.open { screen in
        try await screen.startPaused()
        try await screen.send(signal)
        try await screen.expectEnd(code)
      }
    }

    @Test func `a crash after ^Z and fg restores the terminal`() async throws {
      try await TmuxSession.open { screen in
        try await screen.startPaused()
        try await screen.press("C-z")
        try await screen.expectEnd(148)
        try await screen.bringBack()
        try await screen.sees("paused before layer 1")
        try await screen.send(SIGABRT)
        try await screen.expectEnd(134)
      }
    }

    @Test func `fg after ^Z draws at the current size`()
      async throws
    {
      try await TmuxSession.open(columns: 80, rows: 24) { screen in
        try await screen.startPaused()
        try await screen.press("n")
        try await screen.sees("paused before layer 2")
        try await screen.press("C-z")
        try await screen.expectEnd(148)
        #expect(try await screen.process().isAlive)
        try await screen.resize(columns: 120, rows: 40)
        try await screen.bringBack()
        try await screen.wait(for: "the screen at 120×40") { pane in
          let lines = pane.split(separator: "\n", omittingEmptySubsequences: false)
          return lines.count > 39 && lines[0].count > 110
            && lines[39].contains("paused before layer 2")
        }
        #expect(try await screen.value("alternate_on") == "1")
        try await screen.press("n")
        try await screen.sees("paused before layer 3")
        try await screen.press("C-z")
        try await screen.expectEnd(148)
        try await screen.bringBack()
        try await screen.sees("paused before layer 3")
        try await screen.press("q")
        try await screen.expectEnd(0)
      }
    }

    @Test func `bg after ^Z leaves the terminal to the shell`() async throws {
      try await TmuxSession.open { screen in
        try await screen.startPaused()
        try await screen.press("C-z")
        try await screen.expectEnd(148)
        let process = try await screen.process()
        try await screen.press("bg", "Enter")
        // Signals that come with SIGCONT are handled before the stop.
        _ = try await screen.poll("no stop") { process.isStopped ? true : nil }
        try await screen.press("jobs", "Enter")
        try await screen.wait(for: "a stop at its first write") { pane in
          pane.contains("(tty output)") || pane.contains("SIGTTOU")
        }
        #expect(try await screen.value("alternate_on") == "0")
        try await screen.bringBack()
        try await screen.sees("paused before layer 1")
        try await screen.press("q")
        try await screen.expectEnd(0)
      }
    }

    @Test func `keys ^Z and q work during a run`() async throws {
      try await TmuxSession.open { screen in
        try await screen.startPaused(Self.endless)
        try await screen.press("Space")
        try await screen.sees("· decoding ·")
        try await screen.pressUntilItEnds("C-z", 148)
        try await screen.bringBack()
        try await screen.sees("· decoding ·")
        try await screen.press("q")
        try await screen.expectEnd(0)
      }
    }

    @Test(arguments: [false, true])
    func `closing the terminal window ends the process`(_ isRunning: Bool) async throws {
      try await TmuxSession.open { screen in
        try await screen.startPaused(Self.endless)
        if isRunning {
          try await screen.press("Space")
          try await screen.sees("· decoding ·")
        }
        let process = try await screen.process()
        try await screen.tmux("kill-pane", "-t", "main")
        _ = try await screen.poll("\(process) lives on without a terminal") {
          process.isAlive ? nil : true
        }
      }
    }

    @Test func `error output is printed after the screen closes`() async throws {
      try await TmuxSession.open { screen in
        try await screen.startPaused()
        try await screen.send(SIGSEGV)
        try await screen.expectEnd(139)
        // The runtime's own report of the crash, written after the screen was left.
        try await screen.sees("Backtrace took")
      }
    }
  }
}
