/// The list of supported families.
enum FamilyList {
  /// The default family.
  static let standard: any FamilyDefinition = Qwen25Omni()

  private static let own: [any FamilyDefinition] = [
    standard,
    Qwen3Omni(),
    Qwen25VL(),
    Qwen3VL(),
  ]

  /// Additional families during a closure, for tests.
  @TaskLocal static var added: [any FamilyDefinition] = []

  static var all: [any FamilyDefinition] { own + added }

  /// The family of a `model_type`, and whether it is a whole model.
  static func find(_ modelType: String?) -> (family: any FamilyDefinition, isWhole: Bool)? {
    guard let modelType else { return nil }
    return all.lazy.compactMap { family in
      if family.wholeTypes.contains(modelType) { return (family, true) }
      return family.thinkerTypes.contains(modelType) ? (family, false) : nil
    }.first
  }
}
