import ArgumentParser
import Dashboard
import Foundation
import Profiling
import Selection
import Terminal

/// `seats-top [CLIP]`: the screen.
struct ScreenCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "screen", abstract: "Open the screen on a clip (the default).")

  @OptionGroup var options: RunOptions

  @Option(help: "Colours and styles: a name of the themes that t cycles through.")
  var theme = "ansi"

  @Option(help: "auto, always, never, 16 or 256.")
  var color = ColorChoice.auto

  @Flag(help: "Draw with ASCII or with UTF-8 glyphs, whatever the locale says.")
  var glyphs: GlyphChoice?

  @Option(name: .customLong("report-file"), help: "Where s writes the report.")
  var reportFile = "seats-top-report.json"

  func run() throws {
    let request = try options.request()
    let library = ThemeLibrary(directories: ShareDirectory().themes)
    guard library.theme(named: theme) != nil else {
      let known = library.names.joined(separator: ", ")
      throw ValidationError("--theme knows no theme \(theme): use one of \(known).")
    }
    CrashGuard.install(
      busSentence: "\(request.clip) or the model changed while it was read: start again.")
    throw ExitCode(try show(request, library))
  }

  private func show(_ request: RunRequest, _ library: ThemeLibrary) throws -> Int32 {
    let display: CursesDisplay
    do {
      display = try CursesDisplay(.init(ascii: glyphs.map { $0 == .ascii }))
    } catch {
      Console.complain("seats-top: \(Sentence.about(error))")
      throw ExitCode(2)
    }
    let mailbox = Mailbox<SessionEvent>()
    let session = Session(request, describe: Sentence.describing) { mailbox.post($0) }
    var loop = EventLoop(
      app(library), on: display, mailbox: mailbox, look: look(library, display),
      perform: { Self.perform($0, session) })
    session.start(prepareThread: CrashGuard.protectThisThread)
    let code = loop.run()
    session.close()
    display.close()
    for warning in library.warnings {
      Console.complain("seats-top: \(Sentence.printable(Sentence.about(warning)))")
    }
    return code
  }

  private func app(_ library: ThemeLibrary) -> App {
    App(
      options: .init(
        themes: library.names, theme: theme,
        methods: [.seats, .full]
          + SelectionMethod.allCases.filter { ![.seats, .full].contains($0) },
        keys: .standard, reportPath: reportFile))
  }

  private func look(_ library: ThemeLibrary, _ display: CursesDisplay) -> (App) -> Look {
    let depth = color.depth(
      terminal: display.depth, environment: ProcessInfo.processInfo.environment)
    let glyphs = display.glyphs
    return {
      Look(theme: library.theme(named: $0.themeName) ?? .ansi, glyphs: glyphs, depth: depth)
    }
  }

  private static func perform(_ effect: Effect, _ session: Session) {
    switch effect {
    case .send(let command): session.send(command)
    case .cancel: session.cancel()
    case .quit, .repaint, .suspend: break  // the loop's own
    }
  }
}

extension ColorChoice: ExpressibleByArgument {}

enum GlyphChoice: String, EnumerableFlag {
  case ascii, utf8
}
