import Profiling

extension ErrorMessage {
  static func about(_ error: ReplayError) -> String {
    switch error {
    case .unreadable(let file, let reason):
      "The trace \(file) cannot be read (\(reason)): give a file that --record wrote."
    case .line(let file, let fault): "\(name(file)):\(fault.line): \(about(fault.problem))"
    case .nothingRecorded(let file):
      "\(name(file)) ends before a run begins: record it again, or follow it with --follow."
    case .truncated(let file, let lines):
      "\(name(file)) was cut short: its \(lines) whole lines are all there is."
    case .earlierPlans(let count):
      "The plan was changed \(count == 1 ? "once" : "\(count) times") while this was recorded: "
        + "the last one is shown."
    case .unknownEvents(let names):
      "Passed over what a later version wrote: \(names.joined(separator: ", "))."
    case .writerGone(let file, let lines):
      "\(name(file)) has ended after \(lines) lines: nothing more will come."
    case .complete(let lines): "The trace is complete: \(lines) lines."
    case .restarted(let file): "\(file) was started anew: it is shown from its beginning."
    case .noMoreSteps: "Nothing more is recorded: p steps back, 0 goes to the beginning."
    case .noFullRun: "No run with full tokens was recorded: press f while recording."
    case .noRepeats: "No repetitions were recorded: press R while recording."
    case .notInReplay: "A recording cannot do that: run the clip itself."
    }
  }

  private static func name(_ file: String) -> String { file == "-" ? "Standard input" : file }

  private static func about(_ problem: TraceFault.Problem) -> String {
    switch problem {
    case .notATrace: "This is no trace: its first line should name the schema seats-top/trace/1."
    case .otherSchema(let found):
      "This trace is of schema \(found), and seats-top/trace/1 is known here: "
        + "use the version of seats-top that goes with it."
    case .notJSON(let reason):
      "The line is not one JSON object (\(reason)): it is passed over."
    case .missingKey(let key): "The line lacks \(key): it is passed over."
    case .wrongType(let key): "\(key) has a value of the wrong type: the line is passed over."
    case .badValue(let key, let found, let expected):
      "\(key) is \(found) and should be \(expected): the line is passed over."
    case .noRun: "The trace ends before a run begins: record it again."
    case .beforeRun(let event): "A \(event) line comes before any run line: it is passed over."
    case .tooLong(let bytes, let limit):
      "The line has \(bytes) bytes or more, and \(limit) are read at most: it is passed over."
    }
  }
}
