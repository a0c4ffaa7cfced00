import Testing

extension `The screen in a terminal` {
  @Suite struct `Budget keys` {
    @Test func `keys + and - update plan and forecast at once, then the run`() async throws {
      let more = try await ReportReading(ScreenProgram(), "--retention", "21")
      let less = try await ReportReading(ScreenProgram(), "--retention", "20")
      try await TmuxSession.open { screen in
        try await screen.startPaused()
        let before = LedgerReading(try await screen.text())
        try await screen.press("+")
        let turned = try await screen.sees("plan  seats R 16", "seats R 16 ·")
        #expect(LedgerReading(turned).planned["layer 7"] != before.planned["layer 7"])
        try await screen.press("Space")
        try await screen.sees("· done ·")
        try await screen.press("]")
        try await screen.sees("plan  seats R 21")
        try await screen.seesSurvivors(of: more)
        try await screen.press("-")
        try await screen.sees("plan  seats R 20")
        try await screen.seesSurvivors(of: less)
        try await screen.sees("A  \(less.answer.text.trimmedLine)")
      }
    }

    @Test func `keys v and A change one modality, = restores the settings`()
      async throws
    {
      let apart = try await ReportReading(
        ScreenProgram(), "--video-ratio", "0.09", "--audio-ratio", "0.46")
      let opened = try await ReportReading()
      try await TmuxSession.open { screen in
        try await screen.startPaused()
        try await screen.press("Space")
        try await screen.sees("· done ·")
        try await screen.press("v", "A")
        try await screen.sees("seats 9-46", "video 9", "audio 46 %")
        try await screen.seesSurvivors(of: apart)
        try await screen.press("=")
        try await screen.sees("plan  seats R 15")
        try await screen.seesSurvivors(of: opened)
      }
    }

    @Test func `keys { and } move the late layer`() async throws {
      let later = try await ReportReading(ScreenProgram(), "--late-layer", "10")
      let earlier = try await ReportReading(ScreenProgram(), "--late-layer", "8")
      try await TmuxSession.open { screen in
        try await screen.startPaused()
        try await screen.press("Space")
        try await screen.sees("· done ·", "late 9")
        try await screen.press("}")
        try await screen.sees("late 10")
        try await screen.seesSurvivors(of: later)
        try await screen.press("{", "{")
        try await screen.sees("late 8")
        try await screen.seesSurvivors(of: earlier)
      }
    }

    @Test func `key e edits the plan, and invalid values are refused`() async throws {
      let report = try await ReportReading(ScreenProgram(), "--drop-layers", "4-6")
      try await TmuxSession.open { screen in
        try await screen.startPaused()
        try await screen.press("Space")
        try await screen.sees("· done ·")
        try await screen.press("e", "Down", "Down", "Down", "Down", "Down")
        try await screen.sees("Edit the plan", "▌ drop layers  5-6-7", "Enter apply")
        try await screen.press("C-u", "3-99")
        try await screen.sees("3-99", "✗ 1 to 7", "correct the marked field")
        try await screen.press("Enter")
        try await screen.sees("3-99", "✗ 1 to 7", "Edit the plan")
        try await screen.press("Escape")
        try await screen.losesSight(of: "Edit the plan")
        try await screen.sees("drop 5-6-7")
        try await screen.press("e", "BTab")
        try await screen.sees("▌ audio window")
        try await screen.press("C-c")
        try await screen.losesSight(of: "Edit the plan")
        try await screen.press("e", "Down", "Down", "Down", "Down", "Down", "C-u", "4-6")
        try await screen.sees("4-6", "fewer reference FLOPs", "from the drop after layer 4")
        try await screen.press("Enter")
        try await screen.sees("drop 4-6 ")
        try await screen.seesSurvivors(of: report)
      }
    }

    @Test func `key m selects the next method, and the plan line describes it`() async throws {
      let late = try await ReportReading(ScreenProgram(), "--method", "random-late")
      let fastV = try await ReportReading(ScreenProgram(), "--method", "fastv")
      try await TmuxSession.open { screen in
        try await screen.startPaused()
        try await screen.press("Space")
        try await screen.sees("· done ·")
        try await screen.press("m")
        try await screen.sees("every token in every layer")
        try await screen.press("m")
        try await screen.sees("plan  seats-wide R 15")
        try await screen.press("m")
        try await screen.sees("plan  random R 15")
        try await screen.press("m")
        try await screen.sees("plan  random-late R 15", "drop none  late 9")
        try await screen.seesSurvivors(of: late)
        try await screen.press("m")
        try await screen.sees("plan  fastv R 15", "drop 2  late none")
        try await screen.seesSurvivors(of: fastV)
        try await screen.press("=")
        try await screen.sees("plan  seats R 15", "drop 5-6-7  late 9")
      }
    }
  }
}
