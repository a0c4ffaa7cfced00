/// The rule of VidCom²: keeps the tokens least similar to the video and to their grid, more of them
/// in grids that differ from the video. Audio is kept completely or at random; if it has a keep
/// ratio it is selected like video, window by window.
public struct FrameUniquenessRule: EncoderRule {
  public static let name = "uniqueness"

  public let shares: KeptShares
  public let windows: SelectionWindows

  public init(_ shares: KeptShares, windows: SelectionWindows) {
    (self.shares, self.windows) = (shares, windows)
  }

  public var ratios: RetentionBudget { shares.ratios }
  public var randomModalities: Set<Modality> { shares.randomModalities }
  /// False, since each grid rounds its own token count.
  public var isExact: Bool { false }
  public var summary: String { "least similar to the mean of its grid and of the video" }

  public func needs(_ modality: Modality) -> [EncoderNeed] {
    shares.rated(modality, [.features])
  }

  public func select(_ inputs: EncoderInputs) throws -> RuleOutcome {
    var notes: [String] = []
    let kept = try inputs.parts.flatMap { part -> [Int] in
      if let drawn = shares.drawn(from: part) { return drawn }
      guard let ratio = shares[part.modality] else { return part.positions }
      let tokens = part.modality == .video ? inputs.gridTokens : windows.audioTokens
      let kept = FrameUniqueness(ratio: ratio, gridTokens: tokens)
        .select(features: try part.tokens.features).kept
      notes += note(part.modality, kept.count, keepCount(ratio, of: part.positions.count))
      return kept.map { part.positions[$0] }
    }
    var outcome = inputs.outcome(kept)
    outcome.notes = notes
    return outcome
  }

  /// A note if the number of kept tokens misses the budget by more than 1 %.
  private func note(_ modality: Modality, _ kept: Int, _ wanted: Int) -> [String] {
    guard abs(kept - wanted) * 100 > wanted else { return [] }
    let parts = modality == .video ? "grids" : "windows"
    return [
      "\(modality.rawValue): \(kept) tokens are kept where the budget is \(wanted), as published: "
        + "\(parts) round their shares separately, each capped at 1"
    ]
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
