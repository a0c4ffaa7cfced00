import ArgumentParser

/// The file name `-`, which means standard input or standard output.
enum StandardStream {
  static let name = "-"

  /// Checks that no path is `-` where a file is required.
  /// - Throws: `ValidationError`.
  static func refuse(_ paths: [String?], as option: String) throws {
    guard paths.contains(name) else { return }
    throw ValidationError(
      "\(option) takes a file, not a standard stream: give a file, or ./- for a file named -."
    )
  }

  static func refuse(_ path: String?, as option: String) throws { try refuse([path], as: option) }
}
