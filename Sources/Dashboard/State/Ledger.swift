import Runs
import Selection

/// The finished steps of a prefill, and which of them belong to an earlier plan.
public struct Ledger: Sendable, Equatable {
  /// Step records in order: encoders, Stage I, layers 1…L, head.
  public let records: [StepRecord]
  /// Index of the first record that belongs to an earlier plan, until the engine reports the new
  /// plan; nil if there is none.
  public let staleFrom: Int?

  public init(_ records: [StepRecord] = [], staleFrom: Int? = nil) {
    (self.records, self.staleFrom) = (records, staleFrom)
  }

  /// Records of the current plan.
  public var current: ArraySlice<StepRecord> { records.prefix(staleFrom ?? records.count) }
}

/// A row of the ledger, measured or predicted.
struct LedgerRow: Sendable, Equatable {
  enum State: Sendable, Equatable {
    case done(StepRecord)
    /// The step has been running for this many milliseconds.
    case running(Double)
    case waiting
  }

  let step: PrefillStep
  let state: State
  let entering: ModalityCounts
  let leaving: ModalityCounts
  /// Kind of the planned drop after this step; nil without a drop.
  let mark: DropRecord.Kind?
  /// Whether the token counts are known; false for future steps without a known plan.
  var isCountKnown = true

  var record: StepRecord? {
    if case .done(let record) = state { record } else { nil }
  }

  /// Number of tokens dropped after this step.
  var dropped: Int { max(0, entering.total - leaving.total) }

  var name: String { step.label }
}
