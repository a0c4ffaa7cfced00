/// The rule of DyCoke: keeps video tokens that change between temporal grids. Audio is kept
/// completely or at random.
public struct NoveltyRule: EncoderRule {
  public static let name = "novelty"

  public let shares: KeptShares

  public init(_ shares: KeptShares) {
    self.shares = KeptShares(video: shares.video, randomAudio: shares.randomAudio)
  }

  public var ratios: RetentionBudget { shares.ratios }
  public var randomModalities: Set<Modality> { shares.randomModalities }
  public var summary: String { "largest change between grids of a group" }

  public func needs(_ modality: Modality) -> [EncoderNeed] {
    modality == .video ? [.features] : []
  }

  public func select(_ inputs: EncoderInputs) throws -> RuleOutcome {
    let video = try inputs.part(.video).map { part in
      TemporalNovelty(ratio: shares.video ?? 1, gridTokens: inputs.gridTokens)
        .select(features: try part.tokens.features).map { part.positions[$0] }
    }
    let audio = inputs.positions(of: .audio)
    let kept = shares.randomAudio.map { RandomSelection($0).select(from: audio) } ?? audio
    return inputs.outcome((video ?? []) + kept)
  }

  public init(from decoder: any Decoder) throws {
    self.init(try KeptShares(from: decoder))
  }

  public func encode(to encoder: any Encoder) throws { try shares.encode(to: encoder) }
}
