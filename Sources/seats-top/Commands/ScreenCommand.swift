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

  @Option(
    name: .customLong("other-results"),
    help: "Second file of answers, whose flips the sweep screen lists.",
    completion: .file(extensions: ["jsonl", "json"]))
  var otherResults: String?

  @Option(
    help: ArgumentHelp(
      "A task file or benchmark with the questions of --sweep-file.", valueName: "file"),
    completion: .file(extensions: ["jsonl", "json", "tsv"]))
  var tasks: String?

  @Flag(
    inversion: .prefixedNo,
    help: "Remember recent clips, models and traces for the chooser (default: on).")
  var history = true

  func validate() throws {
    try StandardStream.refuse(sweepFile, as: "--sweep-file")
    try StandardStream.refuse(otherResults, as: "--other-results")
    try StandardStream.refuse(tasks, as: "--tasks")
  }

  func run() throws {
    let configuration = try screen.configuration()
    let request = try lens.applied(to: options.request(configuration))
    let reportFile = self.reportFile ?? configuration.reportFile ?? "seats-top-report.json"
    var use = options.files(request)
    use.reads(configuration.file, as: "--config")
    use.reads(sweepFile, as: "--sweep-file")
    use.reads(otherResults, as: "--other-results")
    use.reads(tasks, as: "--tasks")
    use.writes(reportFile, as: "--report-file")
    use.writes(recording.record, as: "--record")
    try use.check()
    let lookup = PathLookup(
      recent: RecentFiles(isOn: history && configuration.history ?? true), tasks: tasks)
    let benchmark = try? ShareDirectory().benchmark()
    let files = ScreenFiles(
      report: reportFile, sweep: sweepFile, otherResults: otherResults,
      questions: [tasks, benchmark].compactMap { $0 })
    let code = try screen.show(
      configuration, files, asked: request.input.asked, recorder: try recording.recorder(),
      sigbusMessage: "\(request.clip) or the model changed while it was read: restart."
    ) { onEvent in
      ScreenSession(.live(request), lookup, request: { request }, onEvent: onEvent)
    }
    throw ExitCode(code)
  }
}
