/// The list of selection rules. A new rule is one file and one line here.
public enum RuleList {
  public static let encoder: [any EncoderRule.Type] = [
    DiversityRule.self, DominantRule.self, SpreadRule.self, NoveltyRule.self,
    AudioGuidedRule.self, RandomRule.self, RemovalRule.self, EventPackingRule.self,
    FrameChangeRule.self, FrameUniquenessRule.self, UnimodalRule.self, ForcedEncoderRule.self,
  ]

  public static let boundary: [any BoundaryRule.Type] = [
    WindowBudgetRule.self, GlobalRule.self, RemovalRule.self, RelevancePackingRule.self,
    ProgressiveRule.self, ForcedBoundaryRule.self,
  ]

  /// Decodes the encoder rule with this name; an unknown name gives an `UnknownRule`.
  /// - Throws: `RuleFault`, `DecodingError`.
  public static func encoderRule(
    named name: String, from decoder: any Decoder
  ) throws -> any EncoderRule {
    guard let type = encoder.first(where: { $0.name == name }) else {
      return try UnknownRule(name: name, from: decoder)
    }
    return try type.init(from: decoder)
  }

  /// Decodes the boundary rule with this name; an unknown name gives an `UnknownRule`.
  /// - Throws: `RuleFault`, `DecodingError`.
  public static func boundaryRule(
    named name: String, from decoder: any Decoder
  ) throws -> any BoundaryRule {
    guard let type = boundary.first(where: { $0.name == name }) else {
      return try UnknownRule(name: name, from: decoder)
    }
    return try type.init(from: decoder)
  }
}
