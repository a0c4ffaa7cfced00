import Profiling
import Selection

/// The finished steps of a prefill, and which are stale.
public struct Ledger: Sendable, Equatable {
  /// Records in order: encoders, Stage I, layers 1…L, head.
  public let records: [StepRecord]
  /// Index from which records are stale: of a former plan, until the engine reports the new one.
  public let staleFrom: Int?

  public init(_ records: [StepRecord] = [], staleFrom: Int? = nil) {
    (self.records, self.staleFrom) = (records, staleFrom)
  }

  /// Records that are not stale.
  public var current: ArraySlice<StepRecord> { records.prefix(staleFrom ?? records.count) }
}

/// A row of the ledger, measured or predicted.
struct LedgerRow: Sendable, Equatable {
  enum State: Sendable, Equatable {
    case done(StepRecord)
    /// Running for this many milliseconds.
    case running(Double)
    case waiting
  }

  let step: PrefillStep
  let state: State
  let entering: ModalityCounts
  let leaving: ModalityCounts
  /// Kind of the planned drop after this step.
  let mark: DropRecord.Kind?
  /// False for future steps without a known plan.
  var isCountKnown = true

  var record: StepRecord? {
    if case .done(let record) = state { record } else { nil }
  }

  /// Tokens dropped after this step.
  var dropped: Int { max(0, entering.total - leaving.total) }

  var name: String { step.label }
}
