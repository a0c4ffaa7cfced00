/// A rule that keeps the most relevant tokens of each modality over the whole sequence.
public struct GlobalRule: BoundaryRule {
  public static let name = "global"

  public let shares: KeptShares

  public init(_ shares: KeptShares) { self.shares = shares }

  public var ratios: RetentionBudget { shares.ratios }
  public var randomModalities: Set<Modality> { shares.randomModalities }

  public func select(_ inputs: BoundaryInputs) throws -> RuleOutcome {
    let relevance = try inputs.relevance()
    let kept = GlobalTopK(video: shares.video, audio: shares.audio)
      .select(inputs.modalities, scores: relevance.scores)
    return RuleOutcome(
      kept: thinned(kept, inputs.modalities), path: .global, scores: relevance.scores,
      flops: relevance.flops)
  }

  private func thinned(_ kept: [Int], _ modalities: [Modality]) -> [Int] {
    guard let share = shares.randomAudio else { return kept }
    let chosen = Set(
      RandomSelection(share).select(from: kept.filter { modalities[$0] == .audio }))
    return kept.filter { modalities[$0] != .audio || chosen.contains($0) }
  }

  public init(from decoder: any Decoder) throws { shares = try KeptShares(from: decoder) }
  public func encode(to encoder: any Encoder) throws { try shares.encode(to: encoder) }
}
