import Testing

extension `The screen in a terminal` {
  @Suite struct `Help, themes and resizing` {
    @Test func `key ? opens the list of keys and Esc closes it`() async throws {
      try await TmuxSession.open(columns: 80, rows: 24) { screen in
        try await screen.startPaused()
        try await screen.press("?")
        try await screen.sees("Keys", "run to the next drop", "budget R +1, -1")
        try await screen.press("Escape")
        try await screen.losesSight(of: "budget R +1, -1")
        try await screen.sees("paused before layer 1")
        try await screen.press("8")
        try await screen.sees("10 layers of width 48", "audio tokens")
        try await screen.press("Escape")
        try await screen.sees("Stage I", "paused before layer 1")
      }
    }

    @Test func `key t cycles through all themes`() async throws {
      try await TmuxSession.open { screen in
        try await screen.startPaused()
        var names: [String] = []
        var pictures: Set<String> = []
        while names.last != "ansi", names.count < 40 {
          try await screen.press("t")
          let last = names.last ?? "ansi"
          let pane = try await screen.wait(for: "a theme after \(last)") { pane in
            pane.firstMatch(of: /theme ([\w-]+)/).map { $0.1 != last } ?? false
          }
          names += pane.firstMatch(of: /theme ([\w-]+)/).map { [String($0.1)] } ?? []
          pictures.insert(
            try await screen.tmux("capture-pane", "-p", "-e", "-t", "main", "-E", "20"))
        }
        #expect(names.count == 11 && Set(names).count == 11, "\(names)")
        #expect(pictures.count > 5)
      }
    }

    @Test func `the screen follows the terminal's size and states the minimum`() async throws {
      try await TmuxSession.open(columns: 80, rows: 24) { screen in
        try await screen.startPaused()
        try await screen.press("n")
        try await screen.sees("paused before layer 2")
        try await screen.resize(columns: 40, rows: 12)
        try await screen.wait(for: "40×12") { pane in
          pane.contains("layer 1/10") && !pane.contains("KV") && pane.contains("▶ layer 2")
        }
        try await screen.resize(columns: 30, rows: 8)
        try await screen.sees("too small", "30×8 now", "40×10 needed")
        try await screen.press("n")
        try await screen.resize(columns: 200, rows: 60)
        try await screen.sees("paused before layer 3", "layer 2/10", "time per layer", "GFLOP")
        try await screen.press("Space")
        try await screen.sees("· done ·", "most likely first tokens")
        try await screen.press("q")
        try await screen.expectEnd(0)
      }
    }

    @Test func `the screen has the last size after many resizes`() async throws {
      try await TmuxSession.open(columns: 30, rows: 8) { screen in
        try await screen.start()
        try await screen.sees("too small")
        for width in stride(from: 20, through: 180, by: 8) {
          try await screen.resize(columns: width, rows: 5 + width / 5)
        }
        try await screen.resize(columns: 80, rows: 24)
        try await screen.wait(for: "the screen at 80×24") { pane in
          let lines = pane.split(separator: "\n", omittingEmptySubsequences: false)
          return lines.count > 23 && lines[0].contains("layer 0/10")
            && lines[23].contains("paused before layer 1")
        }
      }
    }

    @Test func `an idle screen uses no CPU time`() async throws {
      try await TmuxSession.open { screen in
        try await screen.startPaused()
        let process = try await screen.process()
        var (last, calm) = (-1, 0)
        // Twenty looks in a row, some 300 ms, without a hundredth of a second.
        _ = try await screen.poll("the process never rests") {
          let ticks = process.ticks
          (last, calm) = (ticks, ticks == last ? calm + 1 : 0)
          return calm >= 20 ? true : nil
        }
      }
    }

    @Test func `the screen handles keys while the model loads`() async throws {
      try await TmuxSession.open { screen in
        try await screen.start()
        try await screen.wait(for: "the screen") { $0.contains("seats-top") && $0.contains("help") }
        try await screen.press("?")
        try await screen.sees("budget R +1, -1")
        try await screen.press("Escape")
        try await screen.sees("paused before layer 1")
        try await screen.press("q")
        try await screen.expectEnd(0)
      }
    }
  }
}
