import ArgumentParser
import Basics
import Sessions
import Traces

/// Options for recording a trace, for commands that run a model once.
struct RecordOptions: ParsableArguments {
  @Option(
    help: "Record a trace of the run to this file, for seats-top replay.",
    completion: .file())
  var record: String?

  @Flag(
    name: .customLong("record-paths"),
    help: "Record full paths in the trace (default: file names only).")
  var recordsPaths = false

  func validate() throws {
    guard record != nil || !recordsPaths else {
      throw ValidationError("--record-paths requires --record.")
    }
  }

  /// Creates the trace file of `--record`; nil if the option is not given.
  /// - Throws: `FileOutputError`.
  func recorder() throws -> TraceRecorder? {
    guard let record else { return nil }
    let recorder = try TraceRecorder(
      record, writer: "seats-top \(SeatsTop.configuration.version)", keepsPaths: recordsPaths)
    if let reason = recorder.lockProblem { Console.warn(unlocked: record, reason) }
    return recorder
  }
}

extension TraceRecorder {
  /// Writes events to the trace. The first failed write is reported, and the run continues.
  func note(_ events: SessionEvent...) {
    do {
      for event in events { try record(event) }
    } catch {
      Console.warn("seats-top: \(ErrorMessage.describing(error))")
    }
  }

  func close() {
    do {
      try finish()
    } catch {
      Console.warn("seats-top: \(ErrorMessage.describing(error))")
    }
  }
}
