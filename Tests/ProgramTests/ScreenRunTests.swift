import Testing

extension `The screen in a terminal` {
  @Suite struct `Stepping and running` {
    @Test func `the screen opens paused before layer 1`() async throws {
      try await TmuxSession.open(columns: 80, rows: 24) { screen in
        try await screen.startPaused()
        let pane = try await screen.sees(
          "qwen2_5_av/checkpoint · qwen2_5_av", "paused · layer 0/10",
          "Q  What colour is the moving square when the tone changes?",
          "A  after the head has run", "drop 5-6-7", "late 9", "? help", "q quit")
        let ledger = LedgerReading(pane)
        #expect(ledger.done["encoders"] == Survivors(text: 60, video: 60, audio: 132))
        #expect(Set(ledger.done.keys) == ["encoders", "Stage I"])
        #expect(ledger.planned.count == 9)
        #expect(try await screen.value("alternate_on") == "1")
        #expect(try await screen.value("cursor_flag") == "0")
        try await screen.press("q")
        try await screen.expectEnd(0)
      }
    }

    @Test func `key n runs a step and p steps back`() async throws {
      try await TmuxSession.open { screen in
        try await screen.startPaused()
        try await screen.press("n")
        let pane = try await screen.sees("paused before layer 2", "layer 1/10")
        let ledger = LedgerReading(pane)
        #expect(ledger.done["layer 1"] == ledger.done["Stage I"])
        #expect(ledger.done["layer 2"] == nil)
        for layer in 2...3 {
          try await screen.press("n")
          try await screen.sees("paused before layer \(layer + 1)", "layer \(layer)/10")
        }
        try await screen.press("p", "p")
        let back = try await screen.sees("paused before layer 2", "layer 1/10")
        #expect(LedgerReading(back) == ledger)
        try await screen.press("p")
        let start = try await screen.sees("paused before layer 1", "layer 0/10")
        #expect(LedgerReading(start).planned["layer 1"] != nil)
      }
    }

    @Test func `key d runs to each drop, L to the late removal, 0 restarts`() async throws {
      let report = try await ReportReading()
      try await TmuxSession.open { screen in
        try await screen.startPaused()
        for layer in 5...7 {
          try await screen.press("d")
          let pane = try await screen.sees("paused before layer \(layer + 1)")
          #expect(LedgerReading(pane).done["layer \(layer)"] == report.layers[layer], "\(pane)")
          #expect(pane.contains(try Regex("layer \(layer) .*▼\\d")), "\(pane)")
        }
        try await screen.press("0")
        try await screen.sees("paused before layer 1")
        try await screen.press("L")
        let pane = try await screen.sees("paused before layer 9")
        #expect(
          LedgerReading(pane).done["layer 8"] == Survivors(text: 60, video: 0, audio: 0))
        #expect(pane.contains(/layer 8 .*✕\d/), "\(pane)")
      }
    }

    @Test func `space runs to the answer, key f runs full tokens`()
      async throws
    {
      let report = try await ReportReading(ScreenProgram(), "--compare-full")
      let full = try #require(report.full)
      try await TmuxSession.open(columns: 120, rows: 30) { screen in
        try await screen.startPaused()
        try await screen.press("Space")
        try await screen.seesSurvivors(of: report)
        try await screen.wait(for: "answer \(report.answer.text)") { pane in
          pane.contains("A  \(report.answer.text.trimmedLine)")
        }
        try await screen.press("f")
        let verdict =
          full.same_answer
          ? "✓ same answer" : "✕ different answer: \(full.answer.text.trimmedLine)".prefix(24)
        let pane = try await screen.sees("× faster", String(verdict))
        #expect(pane.contains(/full +prefill .* here .* \d+(\.\d+)?× faster/), "\(pane)")
      }
    }

    @Test func `a run that keeps every token has the same answer`() async throws {
      try await TmuxSession.open(columns: 120, rows: 30) { screen in
        var program = ScreenProgram()
        program.options += ["--method", "full"]
        try await screen.startPaused(program)
        try await screen.press("f")
        try await screen.losesSight(of: "not run: f")
        try await screen.sees("paused")
        try await screen.press("Space")
        try await screen.sees("× faster", "✓ same answer")
      }
    }

    @Test func `key s saves the report once the run is complete`() async throws {
      try await TmuxSession.open { screen in
        try await screen.startPaused()
        try await screen.press("s")
        try await screen.sees("the report needs a complete run")
        try await screen.press("Space")
        try await screen.sees("· done ·")
        try await screen.press("s")
        try await screen.sees("saved seats-top-report.json")
        let json = try await screen.file("seats-top-report.json")
        let (saved, report) = (try ReportReading(json: .init(json.utf8)), try await ReportReading())
        #expect(saved.schema == "seats-top/report/1")
        #expect(saved.layers == report.layers)
        #expect(saved.answer.text == report.answer.text)
      }
    }
  }
}
