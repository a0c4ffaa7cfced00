/// The rule of SEATS Stage II: token budgets over temporal windows and modalities, spent on the
/// most relevant tokens.
public struct WindowBudgetRule: BoundaryRule {
  public static let name = "windows"

  public let shares: KeptShares
  /// Temperature τ of the softmax over temporal windows.
  public let temperature: Float?

  public init(video: Double, audio: Double, temperature: Float) {
    shares = KeptShares(video: video, audio: audio)
    self.temperature = temperature
  }

  public var ratios: RetentionBudget { shares.ratios }
  /// False, since splitting a window's budget may move tokens between modalities.
  public var isExact: Bool { false }

  public func select(_ inputs: BoundaryInputs) throws -> RuleOutcome {
    let relevance = try inputs.relevance()
    let outcome = TopDownBudget(
      videoKeep: ratios.video, audioKeep: ratios.audio, temperature: temperature ?? 0.1
    ).select(inputs.modalities, scores: relevance.scores, clips: inputs.clips)
    return RuleOutcome(
      kept: outcome.kept, path: outcome.path, scores: relevance.scores, windows: outcome.windows,
      flops: relevance.flops)
  }
}

extension WindowBudgetRule {
  private enum CodingKeys: CodingKey { case temperature }

  public init(from decoder: any Decoder) throws {
    shares = try KeptShares(from: decoder)
    let keys = try decoder.container(keyedBy: CodingKeys.self)
    _ = try keys.number(.temperature, in: 0...1e8)
    temperature = try keys.decodeIfPresent(Float.self, forKey: .temperature) ?? 0.1
  }

  public func encode(to encoder: any Encoder) throws {
    var keys = encoder.container(keyedBy: CodingKeys.self)
    try keys.encode(temperature, forKey: .temperature)
    try shares.encode(to: encoder)
  }
}
