import Foundation
import Selection

/// A run as a trace tells it, once it has been read to its end.
public struct TracedRun: Sendable {
  public let subject: RunSubject
  public private(set) var settings: SelectionSettings
  public private(set) var plan: SelectionPlan
  /// The steps that stood when the trace ended, in order.
  public private(set) var records: [StepRecord] = []
  public private(set) var answer: AnswerRecord?
  public private(set) var full: FullRunRecord?
  /// Lines that could not be used.
  public private(set) var faults: [TraceFault] = []

  /// Reads a whole trace; of several runs in it, the last.
  /// - Throws: `TraceFault` where there is no run to show.
  public init(_ trace: Data) throws(TraceFault) {
    var reader = TraceReader()
    var faults: [TraceFault] = []
    var run: TracedRun?
    // What follows the last line feed is a line not yet complete, unless it stands on its own.
    for line in trace.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
      do {
        for traced in try reader.read(Data(line)) {
          if case .opened(let subject, let settings, let plan) = traced.event {
            run = TracedRun(subject, settings, plan)
          }
          run?.take(traced.event)
        }
      } catch {
        if reader.lineCount == 1 { throw error }
        faults.append(error)
      }
    }
    guard var run else { throw faults.first ?? TraceFault(line: reader.lineCount, .notATrace) }
    run.faults = faults
    self = run
  }

  private init(_ subject: RunSubject, _ settings: SelectionSettings, _ plan: SelectionPlan) {
    self.subject = subject
    self.settings = settings
    self.plan = plan
  }

  private mutating func take(_ event: SessionEvent) {
    switch event {
    case .planned(let settings, let plan, let kept):
      (self.settings, self.plan) = (settings, plan)
      keep(kept)
    case .rewound(let steps): keep(steps)
    case .advanced(let record):
      records.append(record)
      answer = nil
    case .answered(let record): answer = record
    case .fullRun(let record): full = record
    default: break
    }
  }

  private mutating func keep(_ steps: Int) {
    records.removeLast(max(0, records.count - steps))
    answer = nil
  }

  /// The method by the name it goes under.
  public var methodName: String { subject.origin?.method ?? settings.method.rawValue }
}
