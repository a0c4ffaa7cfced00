/// The rule of VisionZip: keeps the tokens that receive most attention, and anchors into which the
/// others are merged.
public struct DominantRule: EncoderRule {
  public static let name = "dominant"

  private let values: AnchoredShares
  public var shares: KeptShares { values.shares }
  /// Share of each window's tokens that become anchors.
  public var contextual: Double { values.contextual }
  public var windows: SelectionWindows { values.windows }

  public init(_ shares: KeptShares, contextual: Double, windows: SelectionWindows) {
    values = AnchoredShares(shares: shares, contextual: contextual, windows: windows)
  }

  public var ratios: RetentionBudget { shares.ratios }
  public var randomModalities: Set<Modality> { shares.randomModalities }
  public var summary: String { "highest attention; the rest merged into anchors" }

  public func entering(_ prompt: PromptShape) -> ModalityCounts {
    func merged(_ ratio: Double?, _ tokens: Int, _ window: Int) -> Int {
      guard let ratio, ratio < 1 else { return tokens }
      return DominantMerge(ratio: ratio, contextual: contextual, windowTokens: window)
        .keptCount(of: tokens)
    }
    let (video, audio) = (prompt.counts.video, prompt.counts.audio)
    return prompt.counts.with(
      video: merged(shares.video, video, windows.grids * prompt.tokensPerGrid),
      audio: shares.randomAudio.map { keepCount($0.ratio, of: audio) }
        ?? merged(shares.audio, audio, windows.audioTokens))
  }

  public func needs(_ modality: Modality) -> [EncoderNeed] {
    shares.needs(modality, [.attention(windows), .keyMeans])
  }

  public func select(_ inputs: EncoderInputs) throws -> RuleOutcome {
    var flops = 0.0
    var changed: [ChangedRows] = []
    var merges: [TokenMerge] = []
    let kept = try inputs.parts.flatMap { part -> [Int] in
      if let drawn = shares.drawn(from: part) { return drawn }
      guard let ratio = shares[part.modality], ratio < 1 else { return part.positions }
      flops += part.tokens.attentionFlops(in: windows)
      let merged = DominantMerge(
        ratio: ratio, contextual: contextual,
        windowTokens: inputs.windowTokens(windows, part.modality)
      ).select(
        attention: try part.tokens.attentionReceived(in: windows), keys: try part.tokens.keyMeans())
      changed.append(merged.changed.moved(to: part.positions))
      merges += merged.merges.map { $0.moved(to: part.positions) }
      return merged.kept.map { part.positions[$0] }
    }
    var outcome = inputs.outcome(kept, flops: flops)
    (outcome.changed, outcome.merges) = (changed, merges)
    return outcome
  }

  public init(from decoder: any Decoder) throws { values = try AnchoredShares(from: decoder) }
  public func encode(to encoder: any Encoder) throws { try values.encode(to: encoder) }
}
