import OmniModel

/// Texts on supported model families, for help and messages.
enum FamilyHelp {
  /// `Qwen2.5-Omni or Qwen3-Omni`.
  static var names: String { either(ModelFamily.allCases.map(\.rawValue)) }

  static var shapes: String { either(ModelShape.allValueStrings) }

  /// τ of the default family, and different values of others.
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
