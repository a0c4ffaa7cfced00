import Foundation
import Glibc
import Testing

extension `The screen in a terminal` {
  /// Whatever signal comes, and whenever, the terminal is given back, and the run survives a stop.
  @Suite struct Signals {
    /// Every signal that ends a process by default and is no crash, beside those of `Exit of the screen`.
    static let endings: [Int32] = [
      SIGUSR1, SIGUSR2, SIGPIPE, SIGALRM, SIGXCPU, SIGVTALRM, SIGPROF, SIGIO, SIGPWR, SIGSYS,
      SIGSTKFLT, 34, 40, 64,
    ]

    @Test(arguments: endings)
    func `a fatal signal restores the terminal`(_ signal: Int32) async throws {
      try await TmuxSession.open { screen in
        try await screen.startPaused()
        try await screen.send(signal)
        try await screen.expectEnd(128 + signal)
      }
    }

    /// From before the first byte: sent as soon as there is a process, and a little later.
    @Test(arguments: [SIGTERM, SIGHUP, SIGQUIT, SIGUSR1, SIGXCPU], [0, 15, 30, 60, 90, 150])
    func `a signal while the screen starts restores the terminal`(
      _ signal: Int32, _ milliseconds: Int
    ) async throws {
      try await TmuxSession.open { screen in
        try await screen.start()
        let process = try await screen.process()
        try await Task.sleep(for: .milliseconds(milliseconds))
        #expect(kill(process, signal) == 0)
        try await screen.expectEnd(128 + signal)
      }
    }

    @Test(arguments: [SIGTERM, SIGHUP, SIGQUIT, SIGUSR1])
    func `a terminal that accepts no output does not delay the exit`(_ signal: Int32) async throws {
      try await TmuxSession.open { screen in
        try await screen.startPaused()
        let terminal = try await screen.openTerminal()
        defer { close(terminal) }
        #expect(tcflow(terminal, TCOOFF) == 0)
        // Whatever these show, it waits for the terminal.
        try await screen.press("Space", "?")
        try await screen.send(signal)
        try await screen.expectEnd(128 + signal)
      }
    }

    @Test(arguments: [SIGHUP, SIGPIPE, SIGTERM, SIGUSR1])
    func `a signal ignored at the start stays ignored`(_ signal: Int32) async throws {
      try await TmuxSession.open { screen in
        var program = ScreenProgram()
        program.through = ["sh", "-c", "trap '' \(signal); exec \"$0\" \"$@\""]
        try await screen.startPaused(program)
        try await screen.send(signal)
        try await screen.press("n")
        try await screen.sees("paused before layer 2")
        try await screen.press("q")
        try await screen.expectEnd(0)
      }
    }

    /// Keys around ^Z in one write, as a hasty typist or a script sends them.
    @Test(arguments: ["j^Z", "^Zls", "jj^Zls", "j^Zj", "^Z^Z"])
    func `keys typed with ^Z do not end the run`(_ keys: String) async throws {
      try await TmuxSession.open { screen in
        try await screen.startPaused()
        try await screen.press("n")
        try await screen.sees("paused before layer 2")
        for _ in 0..<2 {
          let codes = keys.replacing("^Z", with: "\u{1a}").utf8.map { String($0, radix: 16) }
          try await screen.tmux(["send-keys", "-t", "main", "-H"] + codes)
          try await screen.expectEnd(148)
          // What the shell has of the keys is a line of its own.
          try await screen.press("Enter")
          try await screen.bringBack()
          try await screen.sees("paused before layer 2")
        }
        try await screen.press("q")
        try await screen.expectEnd(0)
      }
    }

    /// By somebody else than the shell, which does not notice.
    @Test func `SIGSTOP, a resize, keys and SIGCONT do not end the run`()
      async throws
    {
      try await TmuxSession.open(columns: 90, rows: 30) { screen in
        var program = ScreenProgram()
        program.through = ["sh", "-c", "\"$0\" \"$@\"; exit $?"]
        try await screen.startPaused(program)
        let shell = try await screen.process()
        let children = try String(
          contentsOfFile: "/proc/\(shell)/task/\(shell)/children", encoding: .utf8)
        let process = try #require(pid_t(children.trimmedLine))
        for (number, columns) in [100, 120, 80].enumerated() {
          #expect(kill(process, SIGSTOP) == 0)
          try await screen.resize(columns: columns, rows: 30)
          try await screen.press("n")
          #expect(kill(process, SIGCONT) == 0)
          try await screen.sees("paused before layer \(number + 2)")
        }
        try await screen.press("q")
        try await screen.expectEnd(0)
      }
    }

    /// Several rounds: the handler of the signal and the screen, which is continued in the background,
    /// run at the same time.
    @Test(arguments: [SIGTERM, SIGHUP, SIGUSR1], 1...5)
    func `a stopped program with a screen ends on SIGTERM`(_ signal: Int32, _ round: Int)
      async throws
    {
      try await TmuxSession.open { screen in
        try await screen.startPaused()
        try await screen.press("C-z")
        try await screen.expectEnd(148)
        let process = try await screen.process()
        #expect(kill(process, signal) == 0 && kill(process, SIGCONT) == 0)
        _ = try await screen.poll("\(process) is still running") { process.isAlive ? nil : true }
        #expect(try await screen.value("alternate_on") == "0")
      }
    }

    /// Curses counts in 16 bits, with a sign.
    @Test(arguments: [(40000, 30), (100, 40000), (65535, 65535), (0, 0), (1, 1), (32768, 1)])
    func `an extreme terminal size is capped`(
      _ columns: Int, _ rows: Int
    ) async throws {
      try await TmuxSession.open { screen in
        try await screen.startPaused()
        try await screen.claim(columns: columns, rows: rows)
        try await screen.press("n")
        try await screen.claim(columns: 100, rows: 30)
        try await screen.sees("paused before layer 2")
        try await screen.press("q")
        try await screen.expectEnd(0)
      }
    }

    @Test func `a screen starts at an extreme terminal size`() async throws {
      try await TmuxSession.open { screen in
        try await screen.claim(columns: 65535, rows: 65535)
        try await screen.start()
        _ = try await screen.poll("no screen") {
          try await screen.value("alternate_on") == "1" ? true : nil
        }
        try await screen.claim(columns: 100, rows: 30)
        try await screen.sees("paused before layer 1")
        try await screen.press("q")
        try await screen.expectEnd(0)
      }
    }

    @Test func `COLUMNS and LINES are used only if the terminal has no size`()
      async throws
    {
      try await TmuxSession.open { screen in
        try await screen.claim(columns: 0, rows: 0)
        var program = ScreenProgram()
        program.environment = ["COLUMNS=99999999999", "LINES=25"]
        try await screen.startPaused(program)
        try await screen.press("q")
        try await screen.expectEnd(0)
      }
    }
  }
}

extension TmuxSession {
  /// The pane's terminal, as the program has it.
  func openTerminal(at location: SourceLocation = #_sourceLocation) async throws -> Int32 {
    let path = try await value("pane_tty")
    let terminal = Glibc.open(path, O_RDWR | O_NOCTTY | O_CLOEXEC)
    try #require(terminal >= 0, sourceLocation: location)
    return terminal
  }

  /// Makes the pane's terminal claim a size.
  func claim(columns: Int, rows: Int) async throws {
    let terminal = try await openTerminal()
    defer { close(terminal) }
    var size = winsize(
      ws_row: UInt16(rows), ws_col: UInt16(columns), ws_xpixel: 0, ws_ypixel: 0)
    #expect(ioctl(terminal, UInt(TIOCSWINSZ), &size) == 0)
  }
}
