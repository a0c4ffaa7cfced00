/// A rule applied before layer 1 with tokens that are kept or dropped by hand.
///
/// Without a rule to change, every token enters but those dropped.
public struct ForcedEncoderRule: EncoderRule {
  public static let name = "by-hand"

  /// The rule of the method; nil if it has none.
  public let base: (any EncoderRule)?
  public let forced: ForcedTokens

  public init(_ base: (any EncoderRule)?, _ forced: ForcedTokens) {
    (self.base, self.forced) = (base, forced)
  }

  public var ratios: RetentionBudget { base?.ratios ?? RetentionBudget(video: 1, audio: 1) }
  public var isExact: Bool { base == nil }
  public var randomModalities: Set<Modality> { base?.randomModalities ?? [] }
  public var summary: String {
    [base?.summary, forced.summary].compactMap(\.self).joined(separator: "; ")
  }

  public func needs(_ modality: Modality) -> [EncoderNeed] { base?.needs(modality) ?? [] }

  public func entering(_ prompt: PromptShape) -> ModalityCounts { entering(each: prompt) }

  public func entering(each prompt: PromptShape) -> ModalityCounts {
    let counts = prompt.counts
    let own = ForcedTokens(
      kept: forced.kept.within(counts), dropped: forced.dropped.within(counts))
    return own.expected(base?.entering(each: prompt) ?? counts, of: counts)
  }

  public func select(_ inputs: EncoderInputs) throws -> RuleOutcome { try select(each: [inputs]) }

  public func select(each clips: [EncoderInputs]) throws -> RuleOutcome {
    let modalities = Self.modalities(clips)
    var outcome =
      try base?.select(each: clips)
      ?? RuleOutcome(kept: Array(modalities.indices), path: .noChoice)
    forced.apply(
      to: &outcome,
      SequenceTokens(modalities: modalities, ordinals: modalities.ordinals, clips: []))
    return outcome
  }

  /// Modality of every prompt token; in the inputs of a clip, tokens of other clips count as text.
  private static func modalities(_ clips: [EncoderInputs]) -> [Modality] {
    guard var modalities = clips.first?.modalities else { return [] }
    for clip in clips.dropFirst() {
      for (position, modality) in clip.modalities.enumerated() where modality.isDroppable {
        modalities[position] = modality
      }
    }
    return modalities
  }

  public static func == (left: Self, right: Self) -> Bool {
    guard left.forced == right.forced else { return false }
    guard let one = left.base, let other = right.base else {
      return left.base == nil && right.base == nil
    }
    return one.isEqual(to: other)
  }
}

extension ForcedEncoderRule {
  public init(from decoder: any Decoder) throws {
    let keys = try decoder.container(keyedBy: ForcedRuleKeys.self)
    forced = try keys.forced()
    guard keys.contains(.base) else {
      base = nil
      return
    }
    let inner = try keys.superDecoder(forKey: .base)
    base = try RuleList.encoderRule(named: ForcedRuleKeys.name(of: inner), from: inner)
  }

  public func encode(to encoder: any Encoder) throws {
    var keys = encoder.container(keyedBy: ForcedRuleKeys.self)
    try keys.encode(forced)
    // The ratios are those of the inner rule, for readers that do not know this one.
    try KeptShares(ratios).encode(to: encoder)
    guard let base else { return }
    let inner = keys.superEncoder(forKey: .base)
    var names = inner.container(keyedBy: ForcedRuleKeys.self)
    try names.encode(base.name, forKey: .rule)
    try base.encode(to: inner)
  }
}

/// Keys of a rule with tokens chosen by hand in a trace.
enum ForcedRuleKeys: String, CodingKey {
  case rule, keep, drop, base

  /// Name of a nested rule, which must not be nested again.
  static func name(of decoder: any Decoder) throws -> String {
    let keys = try decoder.container(keyedBy: Self.self)
    let name = try keys.decode(String.self, forKey: .rule)
    guard name != ForcedEncoderRule.name else {
      throw DecodingError.dataCorruptedError(
        forKey: .rule, in: keys, debugDescription: "a rule by hand inside another")
    }
    return name
  }
}

extension KeyedDecodingContainer<ForcedRuleKeys> {
  func forced() throws -> ForcedTokens {
    ForcedTokens(
      kept: try decodeIfPresent(TokenList.self, forKey: .keep) ?? TokenList(),
      dropped: try decodeIfPresent(TokenList.self, forKey: .drop) ?? TokenList())
  }
}

extension KeyedEncodingContainer<ForcedRuleKeys> {
  mutating func encode(_ forced: ForcedTokens) throws {
    if !forced.kept.isEmpty { try encode(forced.kept, forKey: .keep) }
    if !forced.dropped.isEmpty { try encode(forced.dropped, forKey: .drop) }
  }
}
