/// A rule applied after a layer with tokens that are kept or dropped by hand.
///
/// Without a rule to change, every token stays but those dropped.
public struct ForcedBoundaryRule: BoundaryRule {
  public static let name = "by-hand"

  /// The rule of the method; nil if it has none after this layer.
  public let base: (any BoundaryRule)?
  public let forced: ForcedTokens

  public init(_ base: (any BoundaryRule)?, _ forced: ForcedTokens) {
    (self.base, self.forced) = (base, forced)
  }

  public var ratios: RetentionBudget { base?.ratios ?? RetentionBudget(video: 1, audio: 1) }
  public var isExact: Bool { false }
  public var randomModalities: Set<Modality> { base?.randomModalities ?? [] }
  public var kind: DropRecord.Kind { base?.kind ?? .prune }
  public var temperature: Float? { base?.temperature }
  public var choosesByScore: Bool { base?.choosesByScore ?? false }
  public var need: BoundaryNeed { base?.need ?? .nothing }

  public func leaving(_ counts: ModalityCounts) -> ModalityCounts {
    forced.expected(base?.leaving(counts) ?? counts, of: counts)
  }

  public func select(_ inputs: BoundaryInputs) throws -> RuleOutcome {
    var outcome =
      try base?.select(inputs)
      ?? RuleOutcome(kept: Array(inputs.modalities.indices), path: .noChoice)
    forced.apply(
      to: &outcome,
      SequenceTokens(
        modalities: inputs.modalities, ordinals: inputs.ordinals(), clips: inputs.clips))
    return outcome
  }

  public static func == (left: Self, right: Self) -> Bool {
    guard left.forced == right.forced else { return false }
    guard let one = left.base, let other = right.base else {
      return left.base == nil && right.base == nil
    }
    return one.isEqual(to: other)
  }
}

extension ForcedBoundaryRule {
  public init(from decoder: any Decoder) throws {
    let keys = try decoder.container(keyedBy: ForcedRuleKeys.self)
    forced = try keys.forced()
    guard keys.contains(.base) else {
      base = nil
      return
    }
    let inner = try keys.superDecoder(forKey: .base)
    base = try RuleList.boundaryRule(named: ForcedRuleKeys.name(of: inner), from: inner)
  }

  public func encode(to encoder: any Encoder) throws {
    var keys = encoder.container(keyedBy: ForcedRuleKeys.self)
    try keys.encode(forced)
    try KeptShares(ratios).encode(to: encoder)
    guard let base else { return }
    let inner = keys.superEncoder(forKey: .base)
    var names = inner.container(keyedBy: ForcedRuleKeys.self)
    try names.encode(base.name, forKey: .rule)
    try base.encode(to: inner)
  }
}
