import Profiling
import Selection

/// The finished steps of a prefill, and which of them still stand.
public struct Ledger: Sendable, Equatable {
  /// Records in order: encoders, Stage I, layers 1…L, head.
  public let records: [StepRecord]
  /// Records from here on belong to a plan that is no longer wanted; the engine has yet to say so.
  public let staleFrom: Int?

  public init(_ records: [StepRecord] = [], staleFrom: Int? = nil) {
    (self.records, self.staleFrom) = (records, staleFrom)
  }

  /// The records that still stand.
  public var current: ArraySlice<StepRecord> { records.prefix(staleFrom ?? records.count) }
}

/// One line of the ledger, run or predicted.
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
  /// What the plan does after this step.
  let mark: DropRecord.Kind?
  /// False for steps to come of a run whose plan is not known.
  var isCountKnown = true

  var record: StepRecord? {
    if case .done(let record) = state { record } else { nil }
  }

  /// Tokens that go after this step.
  var dropped: Int { max(0, entering.total - leaving.total) }

  var name: String { step.label }
}
