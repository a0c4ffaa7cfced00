/// The list of supported model families.
enum FamilyList {
  /// The default model family.
  static let standard: any FamilyDefinition = Qwen25Omni()

  private static let own: [any FamilyDefinition] = [
    standard,
    Qwen3Omni(),
    Qwen25VL(),
    Qwen3VL(),
  ]

  /// Adds model families while a closure runs, for tests.
  @TaskLocal static var added: [any FamilyDefinition] = []

  static var all: [any FamilyDefinition] { own + added }

  /// Finds the family of a `model_type`, and whether the type is a complete omni model; nil if
  /// unknown.
  static func find(_ modelType: String?) -> (family: any FamilyDefinition, isWhole: Bool)? {
    guard let modelType else { return nil }
    return all.lazy.compactMap { family in
      if family.wholeTypes.contains(modelType) { return (family, true) }
      return family.thinkerTypes.contains(modelType) ? (family, false) : nil
    }.first
  }
}
