import ArgumentParser
import Profiling

/// `seats-top [CLIP]`: the screen.
struct ScreenCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "screen", abstract: "Open the screen on a clip (the default).")

  @OptionGroup var options: RunOptions
  @OptionGroup var screen: ScreenOptions
  @OptionGroup var recording: RecordOptions

  @Option(name: .customLong("report-file"), help: "Where s writes the report.")
  var reportFile = "seats-top-report.json"

  @Option(name: .customLong("sweep-file"), help: "Where o on the sweep screen reads results.")
  var sweepFile = "seats-top-sweep.jsonl"

  func run() throws {
    let request = try options.request()
    let code = try screen.show(
      reportFile: reportFile, sweepFile: sweepFile, recorder: try recording.recorder(),
      busSentence: "\(request.clip) or the model changed while it was read: start again."
    ) { Session(request, describe: Sentence.describing, onEvent: $0) }
    throw ExitCode(code)
  }
}
