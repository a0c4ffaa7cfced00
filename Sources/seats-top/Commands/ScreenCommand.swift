import ArgumentParser
import Sessions

/// `seats-top [CLIP]`: opens the screen.
struct ScreenCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "screen", abstract: "Open the screen on a clip (the default).")

  @OptionGroup var options: RunOptions
  @OptionGroup var lens: LensOptions
  @OptionGroup var screen: ScreenOptions
  @OptionGroup var recording: RecordOptions

  @Option(
    name: .customLong("report-file"),
    help: "File of the report saved by s (default: seats-top-report.json).")
  var reportFile: String?

  @Option(name: .customLong("sweep-file"), help: "Results file loaded by l on the sweep screen.")
  var sweepFile = "seats-top-sweep.jsonl"

  func validate() throws {
    try StandardStream.refuse(sweepFile, as: "--sweep-file")
  }

  func run() throws {
    let configuration = try screen.configuration()
    let request = try lens.applied(to: options.request(configuration))
    let reportFile = self.reportFile ?? configuration.reportFile ?? "seats-top-report.json"
    var use = options.files(request)
    use.reads(configuration.file, as: "--config")
    use.reads(sweepFile, as: "--sweep-file")
    use.writes(reportFile, as: "--report-file")
    use.writes(recording.record, as: "--record")
    try use.check()
    let code = try screen.show(
      configuration, reportFile: reportFile,
      sweepFile: sweepFile, asked: request.input.asked, recorder: try recording.recorder(),
      sigbusMessage: "\(request.clip) or the model changed while it was read: restart."
    ) { Session(request, onEvent: $0) }
    throw ExitCode(code)
  }
}
