import Foundation
import Runs
import Selection
import Sessions

/// A recorded run, loaded from a complete trace file.
public struct TracedRun: Sendable {
  public let subject: RunSubject
  /// Errors in lines of the trace; these lines were skipped.
  public let faults: [TraceFault]
  /// Number of complete lines of the trace.
  public let lineCount: Int
  /// Whether the trace contains its `end` line; otherwise it is truncated.
  public let isComplete: Bool
  private let history: RunHistory

  /// Loads a trace; if it contains several runs, the last one.
  /// - Throws: `TraceFault` if it contains no run.
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
  /// Step records at the end of the trace, in order.
  public var records: [StepRecord] { history.records }
  /// Records of the lens at the end of the trace, in the order of layers.
  public var lens: [LensRecord] { history.lens.records }
  public var answer: AnswerRecord? { history.answer }
  public var full: FullRunRecord? { history.fullRun }

  /// Keys of `config.yaml` that the trace does not contain. They must not be replaced by defaults.
  public var missingSettings: [String] { subject.origin?.unstatedSettings ?? [] }

  /// Name of the method in the trace.
  public var methodName: String { subject.origin?.method ?? settings.method.rawValue }
}
