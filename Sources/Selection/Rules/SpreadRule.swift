/// The rule of DivPrune: keeps tokens that are far from each other.
public struct SpreadRule: EncoderRule {
  public static let name = "spread"

  public let shares: KeptShares

  public init(_ shares: KeptShares) { self.shares = shares }

  public var ratios: RetentionBudget { shares.ratios }
  public var randomModalities: Set<Modality> { shares.randomModalities }
  public var summary: String { "greatest diversity over the whole clip" }

  public func needs(_ modality: Modality) -> [EncoderNeed] {
    shares.needs(modality, [.features])
  }

  public func select(_ inputs: EncoderInputs) throws -> RuleOutcome {
    var flops = 0.0
    let kept = try inputs.parts.flatMap { part -> [Int] in
      if let drawn = shares.drawn(from: part) { return drawn }
      guard let ratio = shares[part.modality], ratio < 1 else { return part.positions }
      let features = try part.tokens.features
      let selector = MaxMinDiversity(ratio: ratio)
      flops += selector.flops(tokens: features.rows, width: features.columns)
      return selector.select(features: features).map { part.positions[$0] }
    }
    return inputs.outcome(kept, flops: flops)
  }

  public init(from decoder: any Decoder) throws { shares = try KeptShares(from: decoder) }
  public func encode(to encoder: any Encoder) throws { try shares.encode(to: encoder) }
}
