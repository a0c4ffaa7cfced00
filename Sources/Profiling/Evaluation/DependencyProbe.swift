import OmniModel
import Selection

/// What a dependency analysis takes away.
public enum Removal: String, Sendable, CaseIterable, Codable {
  case both, video, audio

  var removesVideo: Bool { self != .audio }
  var removesAudio: Bool { self != .video }

  /// Everything through the layers before `layer`, counted from 1, and then without.
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

/// One prompt without video, audio or both from layer l on, for every l.
///
/// The full prefill runs once; each removal goes on from its snapshot before layer l, so that only
/// the layers behind it run again, over the tokens that are left.
public struct DependencyProbe: Sendable {
  /// What one removal before one layer did to the answer.
  public struct Reading: Sendable, Equatable, Codable {
    public let removal: Removal
    /// Counted from 1.
    public let layer: Int
    /// The very tokens that full tokens give.
    public let isSameAsFull: Bool
    /// KL of the first token's distribution against full tokens, in nats.
    public let divergence: Double
    public let answer: String
    /// FLOPs executed for it, decoding left out.
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

  public let full: ExamAnswer
  /// FLOPs of layers and head with every token.
  public let fullFlops: Double
  private let whole: Prefill
  private let longestAnswer: Int
  private var ahead: ArraySlice<(removal: Removal, layer: Int)>

  /// Prefills and answers with every token.
  /// - Parameter start: with every token kept, at any step.
  public init(
    _ start: Prefill, removals: [Removal] = Removal.allCases, longestAnswer: Int,
    _ cancellation: Cancellation
  ) throws(PrefillError) {
    var whole = start
    whole.apply(.full)
    full = try whole.answer(longest: longestAnswer, cancellation)
    fullFlops = whole.outcomes.dropFirst(2).reduce(0) { $0 + $1.executedFlops }
    let layers = whole.layerCount
    ahead = removals.flatMap { removal in (1...layers).map { (removal, $0) } }[...]
    self.whole = whole
    self.longestAnswer = longestAnswer
  }

  /// Removals that are still to be read.
  public var remaining: Int { ahead.count }

  /// The next reading; nil after the last.
  public mutating func advance(_ cancellation: Cancellation) throws(PrefillError) -> Reading? {
    guard let next = ahead.first else { return nil }
    var edited = whole
    edited.apply(next.removal.plan(before: next.layer))
    let answer = try edited.answer(longest: longestAnswer, cancellation)
    ahead.removeFirst()
    // Encoders and Stage I come before layer 1.
    let rerun = edited.outcomes.dropFirst(next.layer + 1)
    return Reading(
      removal: next.removal, layer: next.layer, isSameAsFull: answer.tokenIDs == full.tokenIDs,
      divergence: answer.divergence(from: full), answer: answer.text,
      executedFlops: rerun.reduce(0) { $0 + $1.executedFlops })
  }
}
