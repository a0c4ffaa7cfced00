import Foundation
import Testing

extension `The screen in a terminal` {
  @Suite struct `Measuring screens, search and mouse` {
    @Test func `key 4 shows times, and R repeats the run and full tokens`() async throws {
      try await TmuxSession.open(columns: 120, rows: 40) { screen in
        try await screen.startPaused()
        try await screen.press("4", "R")
        try await screen.sees("repetitions need a complete run")
        try await screen.press("Space")
        try await screen.sees("· done ·", "attention", "MLP", "GFLOP/s")
        try await screen.press("R")
        try await screen.sees("median", "faster", "range")
        try await screen.wait(for: "five repetitions of both") { $0.contains("medians of 5") }
        try await screen.press("q")
        try await screen.expectEnd(0)
      }
    }

    @Test func `key 5 compares the pinned run with the current one`() async throws {
      try await TmuxSession.open(columns: 120, rows: 40) { screen in
        try await screen.startPaused()
        try await screen.press("5")
        try await screen.sees("No pinned run: c pins")
        try await screen.press("Space")
        try await screen.sees("· done ·")
        try await screen.press("c", "m")
        try await screen.sees("pinned", "seats R 15", "overlap in", "of tokens entering")
        try await screen.press("q")
        try await screen.expectEnd(0)
      }
    }

    @Test func `screens 6 and 7 measure curve and sweep, and space pauses either`() async throws {
      try await TmuxSession.open(columns: 120, rows: 40) { screen in
        try await screen.startPaused()
        try await screen.press("6")
        try await screen.sees("r measures: video, audio or both are removed")
        try await screen.press("r")
        try await screen.sees("proposed  drop layers", "Enter applies them")
        try await screen.press("Enter")
        try await screen.sees("applied drop layers")
        try await screen.press("7", "r")
        try await screen.sees("points, space pauses")
        try await screen.press("Space")
        try await screen.sees("points, r resumes")
        try await screen.press("l")
        try await screen.sees("seats-top-sweep.jsonl")
        try await screen.press("q")
        try await screen.expectEnd(0)
      }
    }

    @Test func `search and options react to every key`() async throws {
      try await TmuxSession.open(columns: 100, rows: 30) { screen in
        try await screen.startPaused()
        try await screen.press("/", "d", "r", "o", "p", "Enter", ")")
        try await screen.sees("“drop”, 2 of")
        try await screen.press("o", "Down", "Down", "Right")
        try await screen.sees("+- Options", "< ASCII >")
        try await screen.press("Left", "Escape")
        try await screen.losesSight(of: "Options")
        try await screen.press("q")
        try await screen.expectEnd(0)
      }
    }

    @Test func `unsupported mouse reports do not block the screen`() async throws {
      try await TmuxSession.open(columns: 100, rows: 30) { screen in
        try await screen.startPaused()
        try await screen.press("M")
        try await screen.sees("mouse on: click a tab")
        #expect(try await screen.value("mouse_sgr_flag") == "1")
        for (rows, reports) in [
          (29, ["<2;5;5M", "<2;5;5m"]), (28, ["<0;5;5M", "<32;6;5M", "<0;6;5m"]),
          (27, ["<66;5;5M", "<16;5;5M", "<16;5;5m"]), (26, ["<0;5"]),
        ] {
          for report in reports { try await screen.report(report) }
          try await screen.resize(columns: 100, rows: rows)
          try await screen.wait(for: "the screen of \(rows) rows") { pane in
            let lines = pane.split(separator: "\n", omittingEmptySubsequences: false)
            return lines.count >= rows && lines[rows - 1].contains("paused before layer 1")
          }
        }
        try await screen.press("C-c")
        try await screen.sees("quit? ^C again or q quits")
        try await screen.press("q")
        try await screen.expectEnd(0)
      }
    }

    @Test func `thousands of mouse reports are not read as keys`() async throws {
      try await TmuxSession.open(columns: 100, rows: 30) { screen in
        try await screen.startPaused()
        try await screen.press("M")
        try await screen.sees("mouse on: click a tab")
        // Of eleven bytes each, so that a block of any even size ends inside of one.
        let reports = String(repeating: "\u{1b}[<65;32;15M", count: 3000)
        try screen.scratch.write("reports", Data("\(reports)9".utf8))
        try await screen.tmux("load-buffer", screen.scratch.path("reports"))
        try await screen.tmux("paste-buffer", "-r", "-t", "main")
        try await screen.sees("opened qwen2_5_av", "R 15", "mouse on: click a tab")
        #expect(try await screen.value("mouse_any_flag") == "1")
        try await screen.press("q")
        try await screen.expectEnd(0)
      }
    }

    @Test func `pasted text is ignored outside of line editors`() async throws {
      try await TmuxSession.open(columns: 100, rows: 30) { screen in
        try await screen.startPaused()
        try screen.scratch.write("text", Data("q9+layer\nq".utf8))
        try await screen.tmux("load-buffer", screen.scratch.path("text"))
        try await screen.tmux("paste-buffer", "-p", "-t", "main")
        try await screen.sees("in input lines only", "R 15")
        try await screen.press("/")
        try await screen.tmux("paste-buffer", "-p", "-t", "main")
        try await screen.sees("q9+layer q")
        try await screen.press("Escape")
        try await screen.losesSight(of: "q9+layer q")
        try await screen.press("q")
        try await screen.expectEnd(0)
      }
    }

    @Test func `key M turns the mouse on, and exit turns it off`() async throws {
      try await TmuxSession.open(columns: 100, rows: 30) { screen in
        try await screen.startPaused()
        #expect(try await screen.value("mouse_any_flag") == "0")
        try await screen.press("M")
        let pane = try await screen.sees("mouse on: click a tab")
        #expect(try await screen.value("mouse_any_flag") == "1")
        let line = try #require(pane.split(separator: "\n").dropFirst().first)
        let tab = try #require(line.firstRange(of: "8 Input"))
        let column = line.distance(from: line.startIndex, to: tab.lowerBound) + 1
        try await screen.click(column: column, row: 2)
        try await screen.sees("10 layers of width 48")
        try await screen.press("M")
        try await screen.sees("mouse off")
        #expect(try await screen.value("mouse_any_flag") == "0")
        try await screen.press("M", "q")
        try await screen.expectEnd(0)
        #expect(try await screen.value("mouse_any_flag") == "0")
      }
    }
  }
}

extension TmuxSession {
  /// Presses and lets go a button (0 the left one), as the terminal reports it; counted from 1.
  fileprivate func click(_ button: Int = 0, column: Int, row: Int) async throws {
    try await report("<\(button);\(column);\(row)M")
    try await report("<\(button);\(column);\(row)m")
  }

  /// Something that the mouse did.
  fileprivate func report(_ text: String) async throws {
    let bytes = "\u{1b}[\(text)".utf8.map { String($0, radix: 16) }
    try await tmux(["send-keys", "-t", "main", "-H"] + bytes)
  }
}
