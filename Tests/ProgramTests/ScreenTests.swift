import Testing

/// The screen as a person at a terminal sees it: every test has a tmux server of its own.
@Suite(
  .serialized,
  .enabled(if: TmuxSession.isInstalled, "tmux is missing: apt-get install tmux"))
struct `The screen in a terminal` {}
