/// Keep ratios, windows and JSON keys of a rule that merges tokens into anchors.
public struct AnchoredShares: Sendable, Equatable {
  public let shares: KeptShares
  /// Share of the tokens that become anchors.
  public let contextual: Double
  public let windows: SelectionWindows
}

extension AnchoredShares: Codable {
  private enum CodingKeys: CodingKey { case contextual }

  /// Decodes the values of a rule. `contextual` is required, since the number of kept tokens
  /// depends on it.
  /// - Throws: `RuleFault`, `DecodingError`.
  public init(from decoder: any Decoder) throws {
    let keys = try decoder.container(keyedBy: CodingKeys.self)
    shares = try KeptShares(from: decoder)
    contextual =
      try keys.number(.contextual, in: RuleFault.shares)
      ?? keys.decode(Double.self, forKey: .contextual)
    windows = try SelectionWindows(from: decoder)
  }

  public func encode(to encoder: any Encoder) throws {
    var keys = encoder.container(keyedBy: CodingKeys.self)
    try keys.encode(contextual, forKey: .contextual)
    try shares.encode(to: encoder)
    try windows.encode(to: encoder)
  }
}
