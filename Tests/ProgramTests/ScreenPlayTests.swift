import Testing

extension `The screen in a terminal` {
  @Suite struct `Step delay and breakpoints` {
    @Test func `a run with step delay shows every layer, and space pauses it`() async throws {
      try await TmuxSession.open { screen in
        try await screen.startPaused()
        try await screen.press("<", "<", "<", "<", "<", "<")
        try await screen.sees("step delay 2.00 s")
        try await screen.press("Space")
        try await screen.sees("· running ·", "layer 1/10")
        try await screen.press("Space")
        try await screen.sees("paused before layer 2", "· paused ·")
        try await screen.press(">", ">", ">", ">", ">", ">")
        try await screen.sees("no step delay")
        try await screen.press("Space")
        try await screen.sees("· done ·")
      }
    }

    @Test func `breakpoints pause a run with the reason`() async throws {
      try await TmuxSession.open { screen in
        try await screen.startPaused()
        try await screen.press("j", "j", "j", "b")
        try await screen.sees("●· layer 3", "breakpoint layer 3")
        try await screen.press("B")
        try await screen.sees("breakpoint:", "set: layer 3")
        try await screen.press("v", "i", "d", "e", "o", "Space", "<", "1", "Enter")
        try await screen.sees("breakpoint video < 1", "○")
        try await screen.press("Space")
        try await screen.sees("stopped before layer 3 by breakpoint layer 3", "●▶ layer 3")
        try await screen.press("Space")
        try await screen.sees("stopped before layer 9 by breakpoint video < 1", "layer 8/10")
        try await screen.press("9")
        try await screen.sees("stopped at breakpoint video < 1")
        try await screen.press("Space")
        try await screen.sees("· done ·")
        try await screen.press("q")
        try await screen.expectEnd(0)
      }
    }
  }
}
