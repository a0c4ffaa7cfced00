import OmniModel

/// Times of one repetition of a prefill, without the encoders.
public struct RepeatRecord: Sendable, Equatable, Codable {
  /// Whether the repetition ran with full tokens.
  public let isFull: Bool
  /// Milliseconds of Stage I, layers 1…L and the head, each including its selection.
  public let stepMilliseconds: [Double]

  public init(isFull: Bool, stepMilliseconds: [Double]) {
    self.isFull = isFull
    self.stepMilliseconds = stepMilliseconds
  }

  public var prefillMilliseconds: Double { stepMilliseconds.reduce(0, +) }
}

extension [RepeatRecord] {
  /// Maximum number of repetitions that are kept, of the plan and of full tokens each.
  static let mostRepetitions = 100

  /// Appends a repetition; at the limit it replaces the oldest of the same kind.
  public mutating func add(_ record: RepeatRecord) {
    append(record)
    let count = count { $0.isFull == record.isFull }
    if count > Self.mostRepetitions, let oldest = firstIndex(where: { $0.isFull == record.isFull })
    {
      remove(at: oldest)
    }
  }

  /// Removes repetitions of the previous plan, but not those of full tokens.
  public mutating func forgetPlan() {
    removeAll { !$0.isFull }
  }
}

/// Repetitions of a prefill, alternating between plan and full tokens, so that other load on the
/// machine affects both.
public struct RepeatedRuns {
  /// Queued repetitions, true for full tokens; the last element is executed next.
  private var waiting: [Bool]
  private var current: (run: ProfiledRun, isFull: Bool)?

  /// Number of all repetitions.
  public let total: Int

  public init(count: Int = 0) {
    total = 2 * max(0, count)
    waiting = (0..<max(0, count)).flatMap { _ in [true, false] }
  }

  /// Number of repetitions that are not finished.
  public var remaining: Int { waiting.count + (current == nil ? 0 : 1) }

  public var isDone: Bool { waiting.isEmpty && current == nil }

  /// Executes one step of a repetition.
  /// - Returns: the times of a repetition that this step has finished; otherwise nil.
  public mutating func advance(
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
