import ArgumentParser
import Foundation
import Traces

/// `seats-top replay TRACE`: shows a recorded run on the screen, without its model.
struct ReplayCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "replay", abstract: "Show a recorded run on the screen, without its model.")

  @Argument(
    help: "A trace, or - for standard input (default: the sample trace).", completion: .file())
  var trace: String?

  @Flag(help: "Show the trace while it is written.")
  var follow = false

  @Flag(
    inversion: .prefixedNo,
    help: "Remember recent clips, models and traces for the chooser (default: on).")
  var history = true

  @OptionGroup var screen: ScreenOptions

  func run() throws {
    let path = try trace ?? ShareDirectory().sampleTrace()
    let configuration = try screen.configuration()
    let lookup = PathLookup(
      recent: RecentFiles(isOn: history && configuration.history ?? true), tasks: nil)
    let code = try screen.show(
      configuration, ScreenFiles(report: ""),
      input: path == "-" ? try Self.keyboard() : STDIN_FILENO,
      sigbusMessage: "\(path) changed while it was read: restart."
    ) { onEvent in
      ScreenSession(
        .replay(path, follows: follow), lookup,
        request: { try RunOptions.parse([]).request(configuration) }, onEvent: onEvent)
    }
    throw ExitCode(code)
  }

  /// Opens the terminal for reading keys, because standard input is the trace.
  private static func keyboard() throws -> Int32 {
    let terminal = open("/dev/tty", O_RDWR | O_CLOEXEC)
    guard terminal >= 0 else {
      Console.warn(
        "seats-top: There is no terminal to read keys from: run seats-top replay in a terminal.")
      throw ExitCode(2)
    }
    return terminal
  }
}
