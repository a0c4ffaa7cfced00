import Profiling
import Selection

/// The steps of a prefill: what those already run did, and what the plan says of the others.
public struct Ledger: Sendable, Equatable {
  /// Records in order: encoders, Stage I, layers 1…L, head.
  public private(set) var records: [StepRecord] = []
  /// Records from here on belong to a plan that is no longer wanted; the engine has yet to say so.
  public private(set) var staleFrom: Int?

  public init() {}

  /// The records that still stand.
  public var current: ArraySlice<StepRecord> { records.prefix(staleFrom ?? records.count) }

  mutating func append(_ record: StepRecord) {
    records.append(record)
  }

  mutating func truncate(to count: Int) {
    records.removeLast(max(0, records.count - count))
  }

  /// Stops showing records that a new plan will replace.
  mutating func markStale(from index: Int) {
    staleFrom = min(staleFrom ?? index, max(0, index))
  }

  mutating func acceptAll() {
    staleFrom = nil
  }

  /// Index of a step in the ledger of a decoder with `layers` layers.
  static func index(of step: PrefillStep, layers: Int) -> Int {
    switch step {
    case .encoders: 0
    case .stage1: 1
    case .layer(let layer): layer + 1
    case .head: layers + 2
    }
  }

  /// The step at an index.
  static func step(at index: Int, layers: Int) -> PrefillStep {
    switch index {
    case ...0: .encoders
    case 1: .stage1
    case 2..<layers + 2: .layer(index - 1)
    default: .head
    }
  }

  /// Records that a plan keeps which first differs after `step` (0: Stage I, l: layer l).
  static func kept(firstDifference step: Int) -> Int { step + 1 }
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
