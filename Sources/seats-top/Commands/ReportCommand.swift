import ArgumentParser
import Basics
import Foundation
import OmniModel
import Reports
import Runs
import Sessions
import Traces

/// `seats-top report`: runs a model once, without a screen.
struct ReportCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "report", abstract: "Run a clip once and print a report.")

  @OptionGroup var options: RunOptions
  @OptionGroup var lens: LensOptions
  @OptionGroup var recording: RecordOptions

  @Option(help: "Output format: text, json or csv.")
  var format = ReportFormat.text

  @Flag(help: "Also run with full tokens, and compare.")
  var compareFull = false

  func run() async throws {
    let request = try lens.applied(to: options.request())
    var use = options.files(request)
    use.writes(recording.record, as: "--record")
    try use.check()
    let recorder = try recording.recorder()
    let opened = try await OpenedRun(request, onEvent: Console.report)
    var run = ProfiledRun(opened, request)
    recorder?.note(.opened(opened.subject, settings: run.settings, plan: run.plan))
    try run.finish(.layers, recorder)
    var full: FullRunRecord?
    if compareFull {
      var reference = run.fullTokens()
      try reference.finish(.fullTokens)
      full = FullRunRecord(reference)
      if let full { recorder?.note(.fullRun(full)) }
    }
    recorder?.close()
    try Console.emit(format.render(run, full))
  }
}

extension ProfiledRun {
  /// Runs the prefill and generates the answer.
  /// - Parameter work: what the progress line calls the layers.
  mutating func finish(_ work: WorkProgress.Work, _ recorder: TraceRecorder? = nil) throws {
    let cancellation = Cancellation(onProgress: StderrLine.draw)
    let line = ProgressLine(work, total: opened.subject.model.decoder.layers)
    while let record = try advance(cancellation) {
      recorder?.note(.advanced(record))
      if let update = try examine(isResting: false, cancellation) {
        recorder?.note(.lens(update))
      }
      line.update(records.layers.count)
    }
    while !isAnswered {
      if let answer = try decode() { recorder?.note(.answered(answer)) }
    }
  }
}

enum ReportFormat: String, ExpressibleByArgument, CaseIterable {
  case text, json, csv

  func render(_ run: ProfiledRun, _ full: FullRunRecord?) throws -> Data {
    switch self {
    case .json: try RunReport(run, full: full).json()
    case .text: Data(TextReport(run, full).rendered.utf8)
    case .csv:
      Data(
        LedgerCSV(
          run.records, takesAudio: run.opened.subject.model.family.takesAudio,
          lens: run.lens.records
        ).rendered.utf8)
    }
  }
}
