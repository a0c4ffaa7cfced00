import ArgumentParser
import Basics
import Dashboard
import Foundation
import Media
import Selection
import Sessions
import Synchronization
import Terminal
import Traces
import UserConfiguration

/// Options of every command that opens the screen.
struct ScreenOptions: ParsableArguments {
  @Option(help: "Theme name, from seats-top themes (default: \(Theme.ansi.name)).")
  var theme: String?

  @Option(help: "Colours: auto, always, never, 16, 256 or truecolor (default: auto).")
  var color: ColorChoice?

  @Flag(help: "Draw with ASCII or UTF-8 glyphs (default: by locale).")
  var glyphs: GlyphChoice?

  @Option(
    help: "Configuration file (default: your config.toml).",
    completion: .file(extensions: ["toml"]))
  var config: String?

  func validate() throws { try StandardStream.refuse(config, as: "--config") }

  /// Reads the configuration file.
  /// - Throws: `ConfigurationError`.
  func configuration() throws -> Configuration { try Configuration.load(config) }
}

/// Files that the screen reads and writes on request.
struct ScreenFiles {
  /// Path to which the report is saved.
  var report: String
  /// Results of a sweep, and a second file of answers to compare them with.
  var sweep = "seats-top-sweep.jsonl"
  var otherResults: String?
  /// Task files and benchmarks with the questions of results.
  var questions: [String] = []
}

extension ScreenOptions {
  /// Creates the session that the screen shows; it gets the function that receives the events.
  typealias MakeDriver = (_ onEvent: @escaping @Sendable (SessionEvent) -> Void) ->
    any SessionDriver

  /// Shows the screen until it quits.
  /// - Parameters:
  ///   - configuration: values for options that are not given.
  ///   - asked: input settings given by options.
  ///   - input: file descriptor from which keys are read.
  ///   - sigbusMessage: error message if a mapped file is truncated.
  /// - Returns: the exit code.
  func show(
    _ configuration: Configuration, _ files: ScreenFiles, asked: InputSettings = InputSettings(),
    recorder: TraceRecorder? = nil,
    input: Int32 = STDIN_FILENO,
    sigbusMessage: String, _ driver: MakeDriver
  ) throws -> Int32 {
    let library = ThemeLibrary(directories: ShareDirectory().themes)
    let app = try app(configuration, library, files, asked: asked)
    TerminalRestorer.install(sigbusMessage: ErrorMessage.printable(sigbusMessage))
    let display = try display(
      input, glyphs ?? configuration.glyphs, color ?? configuration.color ?? .auto)
    let mailbox = Mailbox<SessionEvent>(hasDescriptor: true)
    let warnings = configuration.warnings.map { ErrorMessage.printable(ErrorMessage.about($0)) }
    for warning in warnings { mailbox.push(.warned(.text(warning))) }
    // A trace that is opened meanwhile is not recorded again.
    let isRecorded = Mutex(true)
    let session = driver { happened in
      let event = happened.shown
      mailbox.push(event)
      if case .opened(let subject, _, _) = event {
        isRecorded.withLock { $0 = subject.origin == nil }
      }
      guard isRecorded.withLock({ $0 }) else { return }
      do {
        try recorder?.record(event)
      } catch {
        mailbox.push(.warned(.text(ErrorMessage.describing(error))))
      }
    }
    var loop = EventLoop(
      app, on: display, mailbox: mailbox,
      look: look(configuration, library, display.depth, display.glyphs),
      perform: { Self.perform($0, session) })
    session.start(prepareThread: TerminalRestorer.protectThisThread)
    if let pace = configuration.pace { session.send(.pace(pace)) }
    if configuration.mouse == true { display.reportMouse(true) }
    let code = loop.run()
    session.close()
    display.close()
    for warning in warnings { Console.warn("seats-top: \(warning)") }
    warn(of: library.warnings, recorder)
    return code
  }

  private func theme(_ configuration: Configuration, _ library: ThemeLibrary) throws -> String {
    let name = theme ?? configuration.theme ?? "ansi"
    guard library.theme(named: name) != nil else {
      let known = library.names.joined(separator: ", ")
      throw ValidationError("--theme: unknown theme \(name): use one of \(known).")
    }
    return name
  }

  private func display(
    _ input: Int32, _ glyphs: GlyphChoice?, _ color: ColorChoice
  ) throws -> CursesDisplay {
    do {
      return try CursesDisplay(
        .init(ascii: glyphs.map { $0 == .ascii }, input: input, color: color))
    } catch {
      Console.warn("seats-top: \(ErrorMessage.about(error))")
      throw ExitCode(2)
    }
  }

  private func warn(of warnings: [ThemeWarning], _ recorder: TraceRecorder?) {
    for warning in warnings {
      Console.warn("seats-top: \(ErrorMessage.printable(ErrorMessage.about(warning)))")
    }
    do {
      try recorder?.finish()
    } catch {
      Console.warn("seats-top: \(ErrorMessage.describing(error))")
    }
  }

  /// The initial state of the screen.
  /// - Throws: `ValidationError` for an unknown theme.
  func app(
    _ configuration: Configuration, _ library: ThemeLibrary, _ files: ScreenFiles,
    asked: InputSettings = InputSettings()
  ) throws -> App {
    var options = App.Options(
      themes: library.names, theme: try theme(configuration, library),
      methods: [.seats, .full]
        + SelectionMethod.allCases.filter { ![.seats, .full].contains($0) },
      keys: configuration.keys, reportPath: files.report, sweepPath: files.sweep,
      pace: configuration.pace ?? .zero, isMouseOn: configuration.mouse ?? false)
    options.input = asked
    (options.otherResults, options.questionFiles) = (files.otherResults, files.questions)
    return App(options: options)
  }

  /// Theme, glyphs and colours for a display.
  func look(
    _ configuration: Configuration, _ library: ThemeLibrary, _ terminal: ColorDepth,
    _ glyphs: Glyphs
  ) -> (App) -> Look {
    let depth = (color ?? configuration.color ?? .auto).depth(
      terminal: terminal, environment: ProcessInfo.processInfo.environment)
    return {
      Look(
        theme: library.theme(named: $0.themeName) ?? .ansi,
        glyphs: $0.options.isASCIIOnly ? .ascii : glyphs,
        depth: $0.options.isColorless ? .mono : depth)
    }
  }

  static func perform(_ effect: Effect, _ session: any SessionDriver) {
    switch effect {
    case .send(let command): session.send(command)
    case .cancel: session.cancel()
    case .quit, .repaint, .suspend, .mouse: break  // handled by the loop
    }
  }
}

extension ColorChoice: ExpressibleByArgument {}

extension GlyphChoice: EnumerableFlag {}
