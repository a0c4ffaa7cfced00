import ArgumentParser
import Basics
import Dashboard
import Foundation
import Runs
import Sessions
import Terminal
import Traces
import UserConfiguration

/// `seats-top capture`: draws a screen as a picture, without a terminal.
struct CaptureCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "capture", abstract: "Draw a screen as an SVG picture, without a terminal.",
    discussion: """
      Opens the clip or trace as the screen does, presses the keys one by one, each after the \
      effect of the one before, and draws the resulting screen.
      """)

  @OptionGroup var options: RunOptions
  @OptionGroup var lens: LensOptions
  @OptionGroup var screen: ScreenOptions
  @OptionGroup var recording: RecordOptions

  @Option(help: "Replay this trace instead of running a clip.", completion: .file())
  var trace: String?

  @Option(
    help: "Results file that the key l loads on the sweep screen.",
    completion: .file(extensions: ["jsonl"]))
  var sweepFile = "seats-top-sweep.jsonl"

  @Option(help: "Names of keys to press, separated by spaces: \"d 3 down r\".")
  var keys = ""

  @Option(help: "Screen size in columns and rows.")
  var size = ScreenSize(Size(width: 110, height: 32))

  @Option(help: "Output format: svg or text.")
  var format = PictureFormat.svg

  @Flag(help: "Use a light background for themes with the terminal's default colours.")
  var light = false

  @Option(help: "Output file; - is standard output (the default).", completion: .file())
  var output: String?

  func validate() throws { try StandardStream.refuse(sweepFile, as: "--sweep-file") }

  func run() throws {
    let pressed = try pressedKeys()
    let configuration = try screen.configuration()
    let request = trace == nil ? try lens.applied(to: options.request(configuration)) : nil
    let reportFile = configuration.reportFile ?? "seats-top-report.json"
    var use = request.map { options.files($0) } ?? FileUse()
    use.reads(trace, as: "--trace")
    use.reads(sweepFile, as: "--sweep-file")
    use.reads(configuration.file, as: "--config")
    use.writes(reportFile, as: "the configuration's report-file")
    use.writes(recording.record, as: "--record")
    use.writes(output, as: "--output", mayBeStandardOutput: true)
    try use.check()
    let library = ThemeLibrary(directories: ShareDirectory().themes)
    let app = try screen.app(
      configuration, library, ScreenFiles(report: reportFile, sweep: sweepFile),
      asked: try options.input.settings())
    let stage = try HeadlessScreen(
      app, size: size.size, recorder: try recording.recorder(), try driver(request))
    for key in pressed { try stage.press(key) }
    let glyphs = screen.glyphs ?? configuration.glyphs
    let frame = stage.frame(
      screen.look(configuration, library, .direct, glyphs == .ascii ? .ascii : .utf8))
    stage.close()
    try write(frame)
  }

  private func driver(_ request: RunRequest?) throws -> ScreenOptions.MakeDriver {
    let lookup = PathLookup(recent: RecentFiles(isOn: false), tasks: nil)
    let start: ScreenSession.Start =
      if let request { .live(request) } else { .replay(trace ?? "", follows: false) }
    return { onEvent in
      ScreenSession(
        start, lookup, request: { try RunOptions.parse([]).request() }, onEvent: onEvent)
    }
  }

  private func pressedKeys() throws -> [Key] {
    try keys.split(separator: " ").map { name in
      guard let key = Key(String(name)) else {
        throw ValidationError(
          "--keys: unknown key \(name): use single characters, space, enter, esc, up, f1, ctrl-l …")
      }
      return key
    }
  }

  private func write(_ frame: Frame) throws {
    let text =
      switch format {
      case .svg:
        SVGPicture(frame, on: light ? .light : .dark).text(title: "A screen of seats-top")
      case .text: frame.glyphRows.map(\.trimmedRight).joined(separator: "\n") + "\n"
      }
    guard let output else { return try Console.emit(Data(text.utf8)) }
    try FileOutput.write(Data(text.utf8), to: output)
  }
}

enum PictureFormat: String, ExpressibleByArgument, CaseIterable {
  case svg, text
}

/// Size of a screen in columns and rows: `110x32`.
struct ScreenSize: ExpressibleByArgument, CustomStringConvertible {
  let size: Size

  init(_ size: Size) { self.size = size }

  init?(argument: String) {
    let parts = argument.lowercased().split(separator: "x").map { Int($0) }
    guard parts.count == 2, let width = parts[0], let height = parts[1],
      (1...Size.largestSide).contains(width), (1...Size.largestSide).contains(height)
    else { return nil }
    size = Size(width: width, height: height)
  }

  var description: String { "\(size.width)x\(size.height)" }
}

extension String {
  fileprivate var trimmedRight: String {
    String(reversed().drop { $0 == " " }.reversed())
  }
}
