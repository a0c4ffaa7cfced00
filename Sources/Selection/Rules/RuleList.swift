/// The rules there are. A new one is a line here, and its file.
public enum RuleList {
  public static let encoder: [any EncoderRule.Type] = [
    DiversityRule.self, DominantRule.self, SpreadRule.self, NoveltyRule.self,
    AudioGuidedRule.self, RandomRule.self, RemovalRule.self, EventPackingRule.self,
    FrameChangeRule.self, FrameUniquenessRule.self,
  ]

  public static let boundary: [any BoundaryRule.Type] = [
    WindowBudgetRule.self, GlobalRule.self, RemovalRule.self, RelevancePackingRule.self,
  ]

  /// The rule of a Stage I, by its name; one that is not known here is carried as it is.
  /// - Throws: `RuleFault`, `DecodingError`.
  public static func encoderRule(
    named name: String, from decoder: any Decoder
  ) throws -> any EncoderRule {
    guard let type = encoder.first(where: { $0.name == name }) else {
      return try UnknownRule(name: name, from: decoder)
    }
    return try type.init(from: decoder)
  }

  /// The rule of a boundary, by its name; one that is not known here is carried as it is.
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
