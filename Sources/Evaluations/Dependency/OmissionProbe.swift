import OmniModel
import Selection

/// Trials of one prompt in which tokens are left out from a decoder layer on.
///
/// The unmodified prefill runs once. Each trial continues from its snapshot before that layer, so
/// that only later layers run again, on the remaining tokens. A trial equals a new run with the same
/// plan, bit for bit.
public struct OmissionProbe: Sendable {
  /// Result of one trial.
  public struct Outcome: Sendable {
    public let answer: EvaluationAnswer
    /// Whether the answer has the same token ids as the unmodified run.
    public let isSame: Bool
    /// KL(unmodified ‖ trial) of the first answer token, in nats.
    public let divergence: Double
    /// The steps that the trial executed: decoder layers and output head.
    public let steps: [StepOutcome]

    /// FLOPs executed by the trial, without decoding; a multiply-add counts 2.
    public var executedFlops: Double { steps.reduce(0) { $0 + $1.executedFlops } }
  }

  /// The answer of the unmodified run.
  public let unmodified: EvaluationAnswer
  /// The unmodified prefill, complete.
  public let whole: Prefill
  /// Time of decoding the unmodified answer, in seconds.
  public let decodingSeconds: Double
  private let thinker: Thinker
  private let longestAnswer: Int
  /// The unmodified prefill before the first layer of the trials; nil if that layer differs.
  private let prefix: Prefill?

  /// Computes the answer of the unmodified run.
  /// - Parameters:
  ///   - start: a prefill of the prompt at any step.
  ///   - plan: the plan of the unmodified run.
  ///   - layer: the layer from which on all trials leave tokens out, counted from 1; nil if it
  ///     differs. Its input is kept whatever the memory limit for snapshots is.
  public init(
    _ start: Prefill, plan: SelectionPlan, from layer: Int? = nil, by thinker: Thinker,
    longestAnswer: Int, _ cancellation: Cancellation
  ) throws(PrefillError) {
    var whole = start
    whole.apply(plan)
    prefix = try layer.map { layer throws(PrefillError) in
      // Before layer 1 the steps are encoders and Stage I; Stage I is repeated by every trial.
      let steps = layer > 1 ? layer + 1 : 1
      // Hidden states may have been discarded, but never those of the last step.
      if whole.outcomes.count > steps { whole.rewind(toSteps: max(1, steps - 1)) }
      while whole.outcomes.count < steps { try whole.advance(cancellation) }
      return whole
    }
    let start = ContinuousClock.now
    let stood = whole.outcomes.count
    unmodified = try whole.answer(longest: longestAnswer, by: thinker, cancellation)
    let elapsed = start.duration(to: .now) / .seconds(1)
    let steps = whole.outcomes.dropFirst(stood)
    decodingSeconds = max(
      0, elapsed - steps.reduce(0) { $0 + $1.computeSeconds + $1.selectionSeconds })
    self.whole = whole
    self.thinker = thinker
    self.longestAnswer = longestAnswer
  }

  /// Runs a trial.
  /// - Parameters:
  ///   - plan: the plan of the unmodified run, changed before `layer`.
  ///   - layer: the first layer with other tokens, counted from 1.
  public func outcome(
    of plan: SelectionPlan, from layer: Int, _ cancellation: Cancellation
  ) throws(PrefillError) -> Outcome {
    var edited = prefix ?? whole
    edited.apply(plan)
    let answer = try edited.answer(longest: longestAnswer, by: thinker, cancellation)
    return Outcome(
      answer: answer, isSame: answer.tokenIDs == unmodified.tokenIDs,
      divergence: answer.divergence(from: unmodified),
      // Encoders and Stage I are the steps before layer 1.
      steps: Array(edited.outcomes.dropFirst(layer + 1)))
  }
}
