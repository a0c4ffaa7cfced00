import ArgumentParser

/// `-` as a file name: a standard stream.
enum StandardStream {
  static let name = "-"

  /// - Throws: `ValidationError` if `-` is given where a file is required.
  static func refuse(_ paths: [String?], as option: String) throws {
    guard paths.contains(name) else { return }
    throw ValidationError(
      "\(option) takes a file, not a standard stream: give a file, or ./- for a file named -."
    )
  }

  static func refuse(_ path: String?, as option: String) throws { try refuse([path], as: option) }
}
