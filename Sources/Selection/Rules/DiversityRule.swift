/// The rule of SEATS Stage I: max-min diversity weighted by attention, in each temporal window.
public struct DiversityRule: EncoderRule {
  public static let name = "diversity"

  public let shares: KeptShares
  public let windows: SelectionWindows

  public init(video: Double, audio: Double, windows: SelectionWindows) {
    shares = KeptShares(video: video, audio: audio)
    self.windows = windows
  }

  public var ratios: RetentionBudget { shares.ratios }

  public var summary: String {
    "diversity × attention, windows of \(windows.grids) grids, \(windows.audioSeconds) s"
  }

  public func entering(_ prompt: PromptShape) -> ModalityCounts {
    func windowed(_ ratio: Double, _ tokens: Int, _ window: Int) -> Int {
      guard window > 0 else { return keepCount(ratio, of: tokens) }
      return windowSizes(tokens, of: window).reduce(0) { $0 + keepCount(ratio, of: $1) }
    }
    return prompt.counts.with(
      video: windowed(ratios.video, prompt.counts.video, windows.grids * prompt.tokensPerGrid),
      audio: windowed(ratios.audio, prompt.counts.audio, windows.audioTokens))
  }

  public func needs(_ modality: Modality) -> [EncoderNeed] {
    shares.needs(modality, [.distances(windows), .attention(windows)])
  }

  public func select(_ inputs: EncoderInputs) throws -> RuleOutcome {
    var flops = 0.0
    let kept = try inputs.parts.flatMap { part -> [Int] in
      let selector = WindowedDiversity(
        ratio: shares[part.modality] ?? 1, windowTokens: inputs.windowTokens(windows, part.modality)
      )
      guard selector.ratio < 1 else { return part.positions }
      let distances = try part.tokens.distances(
        windowTokens: selector.windowTokens, in: windows)
      flops += part.tokens.attentionFlops(in: windows)
      flops += selector.flops(tokens: distances.tokens, width: distances.width)
      let attention = try part.tokens.attentionReceived(in: windows)
      return selector.select(distances, attention: attention).map { part.positions[$0] }
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
