import ArgumentParser

/// `-`, which stands for a standard stream where a file is named.
enum StandardStream {
  static let name = "-"

  /// - Throws: `ValidationError` where something is named `-` that must be a file.
  static func refuse(_ paths: [String?], as option: String) throws {
    guard paths.contains(name) else { return }
    throw ValidationError(
      "\(option) takes a file, and no standard stream: name one, or write ./- for a file of that name."
    )
  }

  static func refuse(_ path: String?, as option: String) throws { try refuse([path], as: option) }
}
