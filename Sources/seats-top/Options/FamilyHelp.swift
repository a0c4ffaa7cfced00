import OmniModel

/// What help and messages say about the families that are known.
enum FamilyHelp {
  /// `Qwen2.5-Omni or Qwen3-Omni`.
  static var names: String { either(ModelFamily.allCases.map(\.rawValue)) }

  static var shapes: String { either(ModelShape.allValueStrings) }

  /// That of the standard family, and those of the others that have another.
  static var windowTemperatures: String {
    let standard = ModelFamily.standard.published.windowTemperature
    let others = ModelFamily.allCases.filter { $0.published.windowTemperature != standard }
    return (["\(standard)"] + others.map { "for \($0.rawValue) \($0.published.windowTemperature)" })
      .joined(separator: ", ")
  }

  private static func either(_ names: [String]) -> String {
    [names.dropLast().joined(separator: ", "), names.suffix(1).joined()]
      .filter { !$0.isEmpty }.joined(separator: " or ")
  }
}
