/// OmniDrop: a share of video and audio together is dropped by attention of the question.
public struct ProgressiveRule: BoundaryRule {
  public static let name = "progressive"

  /// Share of the video and audio tokens present that is dropped.
  public let drop: Double
  /// Weight of the distance in time from the best token; 0: attention alone decides.
  public let diversity: Double

  public init(drop: Double, diversity: Double) {
    (self.drop, self.diversity) = (drop, diversity)
  }

  public var ratios: RetentionBudget { RetentionBudget(video: 1 - drop, audio: 1 - drop) }
  /// False: the share of each modality follows from the scores.
  public var isExact: Bool { false }
  public var choosesByScore: Bool { diversity == 0 }

  public func leaving(_ counts: ModalityCounts) -> ModalityCounts {
    let tokens = counts.video + counts.audio
    let left = tokens - ProgressivePruning.dropCount(drop, of: tokens)
    guard tokens > 0 else { return counts }
    let video = min(
      counts.video, Int((Double(left * counts.video) / Double(tokens)).rounded(.toNearestOrEven)))
    return counts.with(video: video, audio: left - video)
  }

  public var need: BoundaryNeed { .questionRelevance }

  public func select(_ inputs: BoundaryInputs) throws -> RuleOutcome {
    let offsets = inputs.modalities.indices.filter { inputs.modalities[$0].isDroppable }
    let others = inputs.modalities.indices.filter { !inputs.modalities[$0].isDroppable }
    guard !offsets.isEmpty else { return RuleOutcome(kept: others, path: .noChoice) }
    let relevance = try inputs.questionRelevance()
    let windows = inputs.windows()
    let kept = ProgressivePruning(drop: drop, diversity: Float(diversity)).select(
      scores: offsets.map { relevance.scores[$0] }, windows: offsets.map { windows[$0] ?? 0 })
    return RuleOutcome(
      kept: (others + kept.map { offsets[$0] }).sorted(), path: .global, scores: relevance.scores,
      flops: relevance.flops)
  }
}

extension ProgressiveRule {
  private enum CodingKeys: CodingKey { case drop, diversity }

  public init(from decoder: any Decoder) throws {
    let keys = try decoder.container(keyedBy: CodingKeys.self)
    drop = try keys.number(.drop, in: 0...1) ?? 0
    diversity = try keys.number(.diversity, in: 0...1000) ?? 0
  }

  public func encode(to encoder: any Encoder) throws {
    var keys = encoder.container(keyedBy: CodingKeys.self)
    try keys.encode(drop, forKey: .drop)
    try keys.encode(diversity, forKey: .diversity)
  }
}
