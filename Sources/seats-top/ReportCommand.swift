import ArgumentParser
import Foundation
import OmniModel
import Profiling

/// `seats-top report`: one run, without a screen.
struct ReportCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "report", abstract: "Run once and print what happened.")

  @OptionGroup var options: RunOptions

  @Option(help: "text, json or csv.")
  var format = ReportFormat.text

  @Flag(help: "Also run with every token kept, and compare.")
  var compareFull = false

  func run() async throws {
    let request = try options.request()
    let opened = try await OpenedRun(request)
    var run = ProfiledRun(opened, request)
    try run.finish()
    var full: FullRunRecord?
    if compareFull {
      var reference = run.fullTokens()
      try reference.finish()
      full = FullRunRecord(reference)
    }
    try Console.emit(format.render(run, full))
  }
}

extension ProfiledRun {
  /// Prefills and answers.
  mutating func finish() throws {
    let cancellation = Cancellation()
    while try advance(cancellation) != nil {}
    while !isAnswered { _ = decode() }
  }
}

enum ReportFormat: String, ExpressibleByArgument, CaseIterable {
  case text, json, csv

  func render(_ run: ProfiledRun, _ full: FullRunRecord?) throws -> Data {
    switch self {
    case .json: try RunReport(run, full: full).json()
    case .text: Data(TextReport(run, full).rendered.utf8)
    case .csv: Data(LedgerCSV(run.records).rendered.utf8)
    }
  }
}
