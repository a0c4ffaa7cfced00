import OmniModel

/// Help texts about the supported model families.
enum FamilyHelp {
  /// Names of the model families as text: `Qwen2.5-Omni or Qwen3-Omni`.
  static var names: String { either(ModelFamily.allCases.map(\.rawValue)) }

  static var shapes: String { either(ModelShape.allValueStrings) }

  /// Window temperature τ of the default model family, and those of other families if different.
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
