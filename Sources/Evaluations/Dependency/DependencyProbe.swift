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

  public let full: EvaluationAnswer
  /// FLOPs of decoder layers and output head with full tokens.
  public let fullFlops: Double
  private let thinker: Thinker
  private let whole: Prefill
  private let longestAnswer: Int
  private var ahead: ArraySlice<(removal: Removal, layer: Int)>

  /// Computes the answer with full tokens.
  /// - Parameter start: a full-token prefill at any step.
  public init(
    _ start: Prefill, by thinker: Thinker, removals: [Removal] = Removal.allCases,
    longestAnswer: Int, _ cancellation: Cancellation
  ) throws(PrefillError) {
    self.thinker = thinker
    var whole = start
    whole.apply(.full)
    full = try whole.answer(longest: longestAnswer, by: thinker, cancellation)
    fullFlops = whole.outcomes.dropFirst(2).reduce(0) { $0 + $1.executedFlops }
    let layers = whole.layerCount
    ahead = removals.flatMap { removal in (1...layers).map { (removal, $0) } }[...]
    self.whole = whole
    self.longestAnswer = longestAnswer
  }

  /// Number of removals that are not measured yet.
  public var remaining: Int { ahead.count }

  /// Measures the next removal.
  /// - Returns: its result; nil after the last one.
  public mutating func advance(_ cancellation: Cancellation) throws(PrefillError) -> Reading? {
    guard let next = ahead.first else { return nil }
    var edited = whole
    edited.apply(next.removal.plan(before: next.layer))
    let answer = try edited.answer(longest: longestAnswer, by: thinker, cancellation)
    ahead.removeFirst()
    // Encoders and Stage I are the steps before layer 1.
    let rerun = edited.outcomes.dropFirst(next.layer + 1)
    return Reading(
      removal: next.removal, layer: next.layer, isSameAsFull: answer.tokenIDs == full.tokenIDs,
      divergence: answer.divergence(from: full), answer: answer.text,
      executedFlops: rerun.reduce(0) { $0 + $1.executedFlops })
  }
}
