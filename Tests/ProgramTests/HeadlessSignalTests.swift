import Foundation
import TestSupport
import Testing

/// Commands without a screen end by every signal as any program does, at once.
@Suite(.enabled(if: TmuxSession.isInstalled)) struct `Signals to commands without a screen` {
  private static let clip = Fixtures.golden.appending(path: "qwen2_5_av/clip").path
  private static let model = Fixtures.golden.appending(path: "qwen2_5_av/checkpoint").path
  /// None of them ends by itself in the time of a test.
  static let commands: [[String]] = [
    ["bench", clip, "--model", model, "--repeats", "1000", "--warmups", "1000"],
    ["sweep", "--model", model, clip, "--repeats", "1000"],
    ["report", clip, "--model", model, "--max-new-tokens", "100000", "--ignore-eos"],
  ]
  static let signals: [Int32] = [SIGQUIT, SIGTERM, SIGHUP, SIGUSR1, SIGALRM, SIGXCPU]

  @Test(arguments: commands, signals)
  func `signal n ends a command with exit status 128 + n`(_ command: [String], _ signal: Int32)
    async throws
  {
    try await TmuxSession.open { screen in
      try await screen.start(ScreenProgram(command: command))
      let process = try await screen.process()
      try await process.waitUntilItWorks()
      #expect(kill(process, signal) == 0)
      try await screen.expectEnd(128 + signal)
      #expect(!(try await screen.text()).contains("Backtrace"))
    }
  }

  @Test(arguments: commands)
  func `Ctrl-backslash ends a command without a screen`(_ command: [String]) async throws {
    try await TmuxSession.open { screen in
      try await screen.start(ScreenProgram(command: command))
      try await screen.process().waitUntilItWorks()
      try await screen.press("C-\\")
      try await screen.expectEnd(131)
    }
  }

  /// The shell of the other tests would leave its own script with it.
  @Test func `^C ends a command without a screen`() async throws {
    let outcome = try await Program.run(
      Self.commands[0], through: ["timeout", "--preserve-status", "-s", "INT", "2"])
    #expect(outcome.code == 130, "\(outcome.errorOutput)")
    #expect(outcome.errorOutput.isEmpty)
  }

  /// With Swift's backtracer told to ask, too.
  @Test(arguments: ["", "SWIFT_BACKTRACE=enable=yes,interactive=yes"])
  func `a crash of a command prints a report without a prompt`(_ variable: String) async throws {
    try await TmuxSession.open { screen in
      var program = ScreenProgram(command: Self.commands[0])
      if !variable.isEmpty { program.environment = [variable] }
      try await screen.start(program)
      let process = try await screen.process()
      try await process.waitUntilItWorks()
      #expect(kill(process, SIGABRT) == 0)
      try await screen.expectEnd(134)
    }
  }
}

extension pid_t {
  /// It is the program itself, and has used the processor for a while.
  func waitUntilItWorks() async throws {
    let deadline = ContinuousClock.now + .seconds(60)
    while ContinuousClock.now < deadline {
      let name = try? String(contentsOfFile: "/proc/\(self)/comm", encoding: .utf8)
      if name?.hasPrefix("seats-top") == true, ticks > 10 { return }
      try await Task.sleep(for: .milliseconds(10))
    }
  }
}
