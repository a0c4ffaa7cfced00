import Foundation
import Selection

/// A run loaded from a complete trace.
public struct TracedRun: Sendable {
  public let subject: RunSubject
  /// Invalid lines.
  public let faults: [TraceFault]
  /// Number of complete lines.
  public let lineCount: Int
  /// Whether the trace has its end; otherwise it is truncated.
  public let isComplete: Bool
  private let history: RunHistory

  /// Loads a trace; of several runs, the last.
  /// - Throws: `TraceFault` if there is no run.
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
  /// The steps at the end of the trace, in order.
  public var records: [StepRecord] { history.records }
  public var answer: AnswerRecord? { history.answer }
  public var full: FullRunRecord? { history.fullRun }

  /// Keys of `config.yaml` that the trace does not state; defaults must not be substituted.
  public var missingSettings: [String] { subject.origin?.unstatedSettings ?? [] }

  /// The method's name.
  public var methodName: String { subject.origin?.method ?? settings.method.rawValue }
}
