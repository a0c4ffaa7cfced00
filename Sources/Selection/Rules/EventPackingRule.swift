/// The rule of OmniPack's first stage: keeps salient tokens and centres of density peaks, and
/// merges the others into them.
public struct EventPackingRule: EncoderRule {
  public static let name = "events"

  public let shares: KeptShares
  /// Temporal windows in which attention received is computed.
  public let windows: SelectionWindows

  public init(video: Double, audio: Double, windows: SelectionWindows) {
    shares = KeptShares(video: video, audio: audio)
    self.windows = windows
  }

  public var ratios: RetentionBudget { shares.ratios }
  public var summary: String { "salient tokens and density peaks; the rest merged into them" }

  public func needs(_ modality: Modality) -> [EncoderNeed] {
    shares.needs(modality, [.features, .attention(windows)])
  }

  public func select(_ inputs: EncoderInputs) throws -> RuleOutcome {
    var flops = 0.0
    var changed: [ChangedRows] = []
    var merges: [TokenMerge] = []
    let kept = try inputs.parts.flatMap { part -> [Int] in
      let ratio = shares[part.modality] ?? 1
      guard ratio < 1 else { return part.positions }
      let outcome = EventPacking(ratio: ratio, modality: part.modality).select(
        features: try part.tokens.features,
        attention: try part.tokens.attentionReceived(in: windows),
        gridTokens: inputs.gridTokens, columns: inputs.gridColumns, offsets: part.positions)
      flops += part.tokens.attentionFlops(in: windows) + outcome.flops
      if let rows = outcome.changed { changed.append(rows) }
      merges += outcome.merges
      return outcome.kept.map { part.positions[$0] }
    }
    var outcome = inputs.outcome(kept, flops: flops)
    (outcome.changed, outcome.merges) = (changed, merges)
    return outcome
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
