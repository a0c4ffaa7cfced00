import ArgumentParser
import Basics
import Foundation
import OmniModel
import Tensors
import Terminal

/// The command line. `seats-top [CLIP]` opens the screen; subcommands need no screen.
struct SeatsTop: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "seats-top",
    abstract: "Profile the prefill of an omni-modal LLM and its token selection.",
    usage: """
      seats-top [<options of screen>] [<clip>]
      seats-top <subcommand>
      """,
    discussion: """
      Runs \(FamilyHelp.names) on a clip, layer by layer, and shows which \
      video and audio tokens are dropped, what each step costs, and how the answer changes.
      """,
    version: "0.1.0",
    subcommands: [ScreenCommand.self],
    groupedSubcommands: [
      CommandGroup(
        name: "One run",
        subcommands: [
          ReportCommand.self, BenchCommand.self, CompareCommand.self, CaptureCommand.self,
        ]),
      CommandGroup(
        name: "Evaluation",
        subcommands: [
          SweepCommand.self, AnalyzeCommand.self, WorthCommand.self, FlipsCommand.self,
          AgreementCommand.self,
          RenderCommand.self,
        ]),
      CommandGroup(
        name: "Traces",
        subcommands: [ReplayCommand.self, ExportCommand.self]),
      CommandGroup(
        name: "Setup",
        subcommands: [
          DoctorCommand.self, CacheCommand.self, ThemesCommand.self, SamplesCommand.self,
          PresetsCommand.self, KeysCommand.self,
        ]),
    ],
    defaultSubcommand: ScreenCommand.self)
}

@main
enum Entry {
  /// Runs the program. Exit codes: 0 success, 1 failure, 2 wrong usage or no terminal.
  static func main() async {
    Descriptors.fillStandardStreams()
    TerminalRestorer.install(
      sigbusMessage: "seats-top: a file of the model changed while it was read: restart.")
    WorkingMemory.onAllocationFailure {
      TerminalRestorer.end(saying: "seats-top: " + ErrorMessage.about($0))
    }
    // Exceeding the file size limit must make `write` fail instead of ending the process.
    signal(SIGXFSZ, SIG_IGN)
    do {
      var command = try SeatsTop.parseAsRoot(ByteNames.arguments())
      try Descriptors.prepare()
      if var command = command as? any AsyncParsableCommand {
        try await command.run()
      } else {
        try command.run()
      }
      leave(0)
    } catch let stop as ExitCode {
      leave(stop.rawValue)
    } catch {
      fail(error)
    }
  }

  // Exit handlers are not run: OpenBLAS frees its memory in them, while the engine's thread may
  // still multiply matrices.
  private static func leave(_ code: Int32) -> Never {
    ByteNames.forget()
    fflush(nil)
    _exit(code)
  }

  /// Prints help, version or a completion script to standard output.
  private static func explain(_ request: any Error) -> Never {
    do {
      try Console.emit(Data((SeatsTop.fullMessage(for: request) + "\n").utf8))
      leave(0)
    } catch {
      Console.warn("seats-top: \(ErrorMessage.describing(error))")
      leave(1)
    }
  }

  private static func fail(_ error: any Error) -> Never {
    StderrLine.clear()
    switch SeatsTop.exitCode(for: error) {
    case .success: explain(error)
    case .validationFailure:
      Console.warn(SeatsTop.fullMessage(for: error))
      leave(2)
    default:
      Console.warn("seats-top: \(ErrorMessage.describing(error))")
      leave(1)
    }
  }
}

/// Output of commands: data to standard output, messages to standard error.
enum Console {
  /// Prints one or more lines to standard error.
  static func warn(_ line: String) {
    try? FileHandle.standardError.write(contentsOf: cleaned(line + "\n"))
  }

  /// The text without control characters.
  static func cleaned(_ text: String) -> Data { ByteNames.shown(Data(text.utf8)).printable }

  /// Prints a warning that a file could not be locked.
  static func warn(unlocked file: String, _ reason: String) {
    let sentence =
      "\(file) cannot be locked (\(reason)): make sure that no other program writes it."
    warn("seats-top: \(ErrorMessage.printable(sentence))")
  }

  /// Prints a notice of the packed-weight cache.
  @Sendable static func report(_ event: LoadingEvent) {
    if case .progress(let progress) = event { return StderrLine.draw(progress) }
    // Its last line is in the error message, if there is one.
    if case .engineLine = event { return }
    StderrLine.clear()
    warn("seats-top: \(ErrorMessage.describing(event))")
  }

  /// Writes text to standard output without control characters, because names, titles and answers
  /// are untrusted.
  /// - Throws: `OutputError` if it cannot be written.
  static func emit(_ text: Data) throws { try write(ByteNames.shown(text).printable) }

  /// Writes text that contains the program's own escape sequences.
  /// - Throws: `OutputError` if it cannot be written.
  static func emit(painted text: String) throws { try write(Data(text.utf8)) }

  private static func write(_ data: Data) throws {
    var rest = data[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Glibc.write(STDOUT_FILENO, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else {
        throw OutputError.standardOutput(reason: String(cString: strerror(errno)))
      }
      rest = rest.dropFirst(count)
    }
  }
}

/// Errors of writing results to standard output and of reading input files.
enum OutputError: Error {
  case standardOutput(reason: String)
  case input(path: String, reason: String)
}
