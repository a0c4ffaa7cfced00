import ArgumentParser
import Basics
import Foundation
import Reports
import Traces

/// `seats-top export`: converts a trace to another program's format.
struct ExportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export", abstract: "Convert a trace to another program's format.",
    discussion: """
      perfetto is the Chrome trace-event format, which ui.perfetto.dev opens; csv and markdown are \
      the ledger; config.yaml has the settings for the SEATS implementation.
      """)

  @Argument(help: "A trace; - is standard input.", completion: .file(extensions: ["jsonl"]))
  var trace: String

  @Option(help: "Output format: perfetto, csv, markdown or config.yaml.")
  var to: ExportFormat

  @Option(help: "Output file; - is standard output (the default).", completion: .file())
  var output: String?

  func run() throws {
    var use = FileUse()
    use.reads(trace, as: "the trace")
    use.writes(output, as: "--output", mayBeStandardOutput: true)
    try use.check()
    let run = try TraceInput.run(trace)
    let data = try to.render(run).printable
    guard let output else { return try Console.emit(data) }
    try FileOutput.write(data, to: output)
  }
}

enum ExportFormat: String, ExpressibleByArgument, CaseIterable {
  case perfetto, csv, markdown
  case configuration = "config.yaml"

  func render(_ run: TracedRun) throws -> Data {
    switch self {
    case .perfetto: try PerfettoTrace(run).json()
    case .csv:
      Data(
        LedgerCSV(
          run.records, takesAudio: run.subject.model.family.takesAudio, lens: run.lens
        )
        .rendered.utf8)
    case .markdown: Data(MarkdownReport(run).rendered.utf8)
    case .configuration: try Self.configuration(of: run)
    }
  }

  private static func configuration(of run: TracedRun) throws -> Data {
    guard run.methodName == "seats" else { throw ExportError.notSeats(method: run.methodName) }
    guard run.missingSettings.isEmpty else {
      throw ExportError.settingsNotStated(run.missingSettings)
    }
    let settings = run.settings
    let yaml = SeatsConfiguration(settings).yaml(budget: settings.budget, forced: settings.forced)
    return Data(yaml.utf8)
  }
}

/// Reads a complete trace.
enum TraceInput {
  /// Reads the trace; invalid lines are skipped with a warning.
  static func run(_ path: String) throws -> TracedRun {
    let run: TracedRun
    do {
      run = try TracedRun(try data(path))
    } catch let fault as TraceFault {
      throw ReplayError.line(file: path, fault)
    }
    for fault in run.faults {
      Console.warn("seats-top: \(ErrorMessage.describing(ReplayError.line(file: path, fault)))")
    }
    if !run.isComplete {
      let fault = ReplayError.truncated(file: path, lines: run.lineCount)
      Console.warn("seats-top: \(ErrorMessage.describing(fault))")
    }
    return run
  }

  private static func data(_ path: String) throws -> Data {
    do {
      if path == "-" { return try FileHandle.standardInput.readToEnd() ?? Data() }
      // The file is not mapped, because it may still be written or truncated.
      return try Data(contentsOf: URL(filePath: path))
    } catch {
      throw ReplayError.unreadable(file: path, reason: error.localizedDescription)
    }
  }
}

/// Errors of exporting a trace or of reading a `config.yaml`.
enum ExportError: Error {
  case notSeats(method: String)
  /// The trace does not contain these settings, named by key.
  case settingsNotStated([String])
  case configuration(path: String, SeatsConfiguration.Fault)
}

extension SeatsConfiguration {
  init(file path: String) throws {
    let file = URL(filePath: path)
    guard let size = try? file.resourceValues(forKeys: [.fileSizeKey]).fileSize, size < 1 << 20,
      let text = try? String(contentsOf: file, encoding: .utf8)
    else { throw ExportError.configuration(path: path, .unreadable) }
    do {
      try self.init(yaml: text)
    } catch {
      throw ExportError.configuration(path: path, error)
    }
  }
}
