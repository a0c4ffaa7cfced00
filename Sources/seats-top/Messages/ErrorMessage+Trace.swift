import Traces

extension ErrorMessage {
  static func about(_ error: ReplayError) -> String {
    switch error {
    case .unreadable(let file, let reason):
      "The trace \(file) cannot be read (\(reason)): give a file written by --record."
    case .line(let file, let fault): "\(name(file)):\(fault.line): \(about(fault.problem))"
    case .nothingRecorded(let file):
      "\(name(file)) ends before a run begins: record it again, or follow it with --follow."
    case .truncated(let file, let lines):
      "\(name(file)) is truncated: it has \(lines) complete lines."
    case .earlierPlans(let count):
      "The plan was changed \(count == 1 ? "once" : "\(count) times") during the recording: "
        + "the last one is shown."
    case .unknownEvents(let names):
      "Skipped events of a later version: \(names.joined(separator: ", "))."
    case .writerGone(let file, let lines):
      "\(name(file)) has ended after \(lines) lines."
    case .complete(let lines): "The trace is complete: \(lines) lines."
    case .restarted(let file): "\(file) was restarted: it is shown from its beginning."
    case .noMoreSteps: "End of the recording: p steps back, 0 restarts."
    case .noFullRun: "No run with full tokens was recorded: press f while recording."
    case .noRepeats: "No repetitions were recorded: press R while recording."
    case .notInReplay: "Not available in a replay: run the clip instead."
    }
  }

  private static func name(_ file: String) -> String { file == "-" ? "Standard input" : file }

  private static func about(_ problem: TraceFault.Problem) -> String {
    switch problem {
    case .notATrace:
      "Not a seats-top trace: its first line should name the schema seats-top/trace/1."
    case .otherSchema(let found):
      "This trace has schema \(found), and only seats-top/trace/1 is supported: "
        + "use the version of seats-top that wrote it."
    case .notJSON(let reason):
      "The line is not a JSON object (\(reason)): skipped."
    case .missingKey(let key): "The line lacks \(key): skipped."
    case .wrongType(let key): "\(key) has a value of the wrong type: line skipped."
    case .badValue(let key, let found, let expected):
      "\(key) is \(found), must be \(expected): line skipped."
    case .noRun: "The trace ends before a run begins: record it again."
    case .beforeRun(let event): "A \(event) line before any run line: skipped."
    case .tooLong(let bytes, let limit):
      "The line has \(bytes) bytes or more, above the limit of \(limit): skipped."
    }
  }
}
