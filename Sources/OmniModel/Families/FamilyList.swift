/// The families whose checkpoints are read.
enum FamilyList {
  /// The one taken where nothing says which.
  static let standard: any FamilyDefinition = Qwen25Omni()

  private static let own: [any FamilyDefinition] = [standard, Qwen3Omni()]

  /// Others, known while a closure runs.
  @TaskLocal static var added: [any FamilyDefinition] = []

  static var all: [any FamilyDefinition] { own + added }

  /// The family of a `model_type`, and whether the thinker is only a part of such a file.
  static func find(_ modelType: String?) -> (family: any FamilyDefinition, isWhole: Bool)? {
    guard let modelType else { return nil }
    return all.lazy.compactMap { family in
      if family.wholeTypes.contains(modelType) { return (family, true) }
      return family.thinkerTypes.contains(modelType) ? (family, false) : nil
    }.first
  }
}
