/// OmniDrop before the decoder: of video, tokens that change between grids (as DyCoke); of audio, those
/// of highest attention received (as OmniZip, without anchors).
public struct UnimodalRule: EncoderRule {
  public static let name = "unimodal"

  public let shares: KeptShares
  /// Of the attention received.
  public let windows: SelectionWindows

  public init(video: Double, audio: Double, windows: SelectionWindows) {
    shares = KeptShares(video: video, audio: audio)
    self.windows = windows
  }

  public var ratios: RetentionBudget { shares.ratios }
  public var summary: String { "video by change between grids, audio by attention" }

  public func needs(_ modality: Modality) -> [EncoderNeed] {
    shares.needs(modality, modality == .video ? [.features] : [.attention(windows)])
  }

  public func select(_ inputs: EncoderInputs) throws -> RuleOutcome {
    var flops = 0.0
    let kept = try inputs.parts.flatMap { part -> [Int] in
      guard let ratio = shares[part.modality], ratio < 1 else { return part.positions }
      guard part.modality == .audio else {
        return TemporalNovelty(ratio: ratio, gridTokens: inputs.gridTokens)
          .select(features: try part.tokens.features).map { part.positions[$0] }
      }
      flops += part.tokens.attentionFlops(in: windows)
      let attention = try part.tokens.attentionReceived(in: windows)
      return topScoring(
        keepCount(ratio, of: attention.count), of: Array(attention.indices), by: attention
      ).map { part.positions[$0] }
    }
    return inputs.outcome(kept, flops: flops)
  }

  public init(from decoder: any Decoder) throws {
    shares = try KeptShares(from: decoder)
    windows = try SelectionWindows(from: decoder)
  }

  public func encode(to encoder: any Encoder) throws {
    try shares.encode(to: encoder)
    try windows.encode(to: encoder)
  }
}
