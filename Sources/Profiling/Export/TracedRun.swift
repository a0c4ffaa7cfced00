import Foundation
import Selection

/// A run as a trace tells it, once it has been read to its end.
public struct TracedRun: Sendable {
  public let subject: RunSubject
  /// Lines that could not be used.
  public let faults: [TraceFault]
  /// Whole lines.
  public let lineCount: Int
  /// The writer ended it; else it was cut short.
  public let isComplete: Bool
  private let history: RunHistory

  /// Reads a whole trace; of several runs in it, the last.
  /// - Throws: `TraceFault` where there is no run to show.
  public init(_ trace: Data) throws(TraceFault) {
    var (reader, lines, history) = (TraceReader(), TraceLines(), RunHistory())
    var faults: [TraceFault] = []
    for line in lines.take(trace) {
      do {
        for traced in try reader.read(line) { history.apply(traced.event) }
      } catch {
        if reader.lineCount == 1 { throw error }
        faults.append(error)
      }
    }
    guard let subject = history.subject else {
      let isEmpty = reader.lineCount == 0
      throw faults.first ?? TraceFault(line: reader.lineCount + 1, isEmpty ? .notATrace : .noRun)
    }
    (self.subject, self.faults, self.history) = (subject, faults, history)
    (lineCount, isComplete) = (reader.lineCount, reader.isEnded)
  }

  public var settings: SelectionSettings { history.settings }
  public var plan: SelectionPlan { history.plan }
  /// The steps that stood when the trace ended, in order.
  public var records: [StepRecord] { history.records }
  public var answer: AnswerRecord? { history.answer }
  public var full: FullRunRecord? { history.fullRun }

  /// Settings of `config.yaml` that the trace does not state, by their keys; its program's own
  /// defaults must not be taken for what ran.
  public var missingSettings: [String] { subject.origin?.unstatedSettings ?? [] }

  /// The method by the name it goes under.
  public var methodName: String { subject.origin?.method ?? settings.method.rawValue }
}
