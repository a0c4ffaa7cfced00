import OmniModel
import Selection

/// Modalities that a dependency analysis removes from the sequence.
public enum Removal: String, Sendable, CaseIterable, Codable {
  case both, video, audio

  var removesVideo: Bool { self != .audio }
  var removesAudio: Bool { self != .video }

  /// A plan that removes all tokens of these modalities before `layer`, counted from 1.
  func plan(before layer: Int) -> SelectionPlan {
    guard layer > 1 else {
      return SelectionPlan(
        method: .full, encoderRule: RemovalRule(video: removesVideo, audio: removesAudio))
    }
    let rule = RemovalRule(video: removesVideo, audio: removesAudio)
    return SelectionPlan(
      method: .full, boundaries: [LayerBoundary(afterLayer: layer - 1, rule: rule)])
  }
}

/// Dependency analysis of one prompt: video, audio or both removed before layer l, for every l.
///
/// The full-token prefill runs once. Each removal resumes from its snapshot before layer l, so that
/// only layers from l on run again, on the remaining tokens.
public struct DependencyProbe: Sendable {
  /// Result of removing tokens before one layer.
  public struct Reading: Sendable, Equatable, Codable {
    public let removal: Removal
    /// Decoder layer before which the tokens were removed, counted from 1.
    public let layer: Int
    /// Whether the answer has the same token ids as with full tokens.
    public let isSameAsFull: Bool
    /// KL divergence of the first answer token's distribution from full tokens, in nats.
    public let divergence: Double
    public let answer: String
    /// FLOPs executed for this removal, without decoding.
    public let executedFlops: Double

    public init(
      removal: Removal, layer: Int, isSameAsFull: Bool, divergence: Double, answer: String,
      executedFlops: Double
    ) {
      self.removal = removal
      self.layer = layer
      self.isSameAsFull = isSameAsFull
      self.divergence = divergence
      self.answer = answer
      self.executedFlops = executedFlops
    }
  }

  /// FLOPs of decoder layers and output head with full tokens.
  public let fullFlops: Double
  private let trials: OmissionProbe
  private var ahead: ArraySlice<(removal: Removal, layer: Int)>

  /// The answer with full tokens.
  public var full: EvaluationAnswer { trials.unmodified }

  /// Computes the answer with full tokens.
  /// - Parameter start: a full-token prefill at any step.
  public init(
    _ start: Prefill, by thinker: Thinker, removals: [Removal] = Removal.allCases,
    longestAnswer: Int, _ cancellation: Cancellation
  ) throws(PrefillError) {
    trials = try OmissionProbe(
      start, plan: .full, by: thinker, longestAnswer: longestAnswer, cancellation)
    fullFlops = trials.whole.outcomes.dropFirst(2).reduce(0) { $0 + $1.executedFlops }
    let layers = trials.whole.layerCount
    ahead = removals.flatMap { removal in (1...layers).map { (removal, $0) } }[...]
  }

  /// Number of removals that are not measured yet.
  public var remaining: Int { ahead.count }

  /// Measures the next removal.
  /// - Returns: its result; nil after the last one.
  public mutating func advance(_ cancellation: Cancellation) throws(PrefillError) -> Reading? {
    guard let next = ahead.first else { return nil }
    let outcome = try trials.outcome(
      of: next.removal.plan(before: next.layer), from: next.layer, cancellation)
    ahead.removeFirst()
    return Reading(
      removal: next.removal, layer: next.layer, isSameAsFull: outcome.isSame,
      divergence: outcome.divergence, answer: outcome.answer.text,
      executedFlops: outcome.executedFlops)
  }
}
