/// The rule of Efficient Video Sampling: keeps the video tokens least similar to the previous grid.
/// Audio is kept completely or at random; if it has a keep ratio it is selected like video, token
/// by token.
public struct FrameChangeRule: EncoderRule {
  public static let name = "change"

  public let shares: KeptShares

  public init(_ shares: KeptShares) { self.shares = shares }

  public var ratios: RetentionBudget { shares.ratios }
  public var randomModalities: Set<Modality> { shares.randomModalities }
  public var summary: String { "largest change from the previous grid" }

  public func entering(_ prompt: PromptShape) -> ModalityCounts {
    func left(_ modality: Modality, _ gridTokens: Int) -> Int {
      let count = prompt.counts[modality]
      guard let ratio = shares[modality], count > 0 else { return count }
      return FrameChange.keptCount(ratio, of: count, gridTokens: max(1, gridTokens))
    }
    return prompt.counts.with(
      video: left(.video, prompt.tokensPerGrid),
      audio: shares.randomAudio.map { keepCount($0.ratio, of: prompt.counts.audio) }
        ?? left(.audio, 1))
  }

  public func needs(_ modality: Modality) -> [EncoderNeed] {
    shares.rated(modality, [.features])
  }

  public func select(_ inputs: EncoderInputs) throws -> RuleOutcome {
    let kept = try inputs.parts.flatMap { part -> [Int] in
      if let drawn = shares.drawn(from: part) { return drawn }
      guard let ratio = shares[part.modality] else { return part.positions }
      let gridTokens = part.modality == .video ? inputs.gridTokens : 1
      return FrameChange(ratio: ratio, gridTokens: gridTokens)
        .select(features: try part.tokens.features).map { part.positions[$0] }
    }
    return inputs.outcome(kept)
  }

  public init(from decoder: any Decoder) throws { shares = try KeptShares(from: decoder) }
  public func encode(to encoder: any Encoder) throws { try shares.encode(to: encoder) }
}
