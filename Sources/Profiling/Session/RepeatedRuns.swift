import OmniModel

/// The times of one repetition of a prefill, encoders left out: they are run once.
public struct RepeatRecord: Sendable, Equatable, Codable {
  /// Every token was kept; else the plan was followed.
  public let isFull: Bool
  /// Stage I, layers 1…L and the head, each with its selection.
  public let stepMilliseconds: [Double]

  public init(isFull: Bool, stepMilliseconds: [Double]) {
    self.isFull = isFull
    self.stepMilliseconds = stepMilliseconds
  }

  public var prefillMilliseconds: Double { stepMilliseconds.reduce(0, +) }
}

extension [RepeatRecord] {
  /// Of each kind; medians do not change by more.
  static let mostRepetitions = 100

  /// Adds a repetition, in place of the oldest of its kind where a hundred are there.
  public mutating func add(_ record: RepeatRecord) {
    append(record)
    let count = count { $0.isFull == record.isFull }
    if count > Self.mostRepetitions, let oldest = firstIndex(where: { $0.isFull == record.isFull })
    {
      remove(at: oldest)
    }
  }

  /// Forgets what was timed under a plan that is no more; full ones stay.
  public mutating func forgetPlan() {
    removeAll { !$0.isFull }
  }
}

/// Repetitions of a prefill, the plan's and the full one in turn, so that whatever else the machine
/// does meanwhile falls on both.
struct RepeatedRuns {
  /// Repetitions to come, full ones marked; the last is next.
  private var waiting: [Bool]
  private var current: (run: ProfiledRun, isFull: Bool)?

  init(count: Int = 0) {
    waiting = (0..<max(0, count)).flatMap { _ in [true, false] }
  }

  var isDone: Bool { waiting.isEmpty && current == nil }

  /// Runs one step.
  /// - Returns: the times of a repetition that this step ended.
  mutating func advance(
    _ run: ProfiledRun, _ cancellation: Cancellation
  ) throws(PrefillError) -> RepeatRecord? {
    var (repetition, isFull) = current.take() ?? next(run)
    guard try repetition.advance(cancellation) == nil else {
      current = (repetition, isFull)
      return nil
    }
    return RepeatRecord(
      isFull: isFull, stepMilliseconds: repetition.records.dropFirst().map(\.totalMilliseconds))
  }

  private mutating func next(_ run: ProfiledRun) -> (ProfiledRun, Bool) {
    let isFull = waiting.popLast() ?? false
    var repetition = isFull ? run.fullTokens() : run
    repetition.rewind(toSteps: 1)
    return (repetition, isFull)
  }
}
