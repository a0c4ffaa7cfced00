/// Validates the values of one configuration file.
struct ConfigurationValidator {
  let path: String
  /// The transformers version that wrote the file, if stated.
  var writer: String?
  /// Whether the keys of `text_config` stand beside the others, so that their names have no prefix.
  var isFlat = false
  /// Missing keys and their defaults.
  let defaults = DefaultLog()

  init(path: String, writer: String? = nil) {
    self.path = path
    self.writer = writer
  }

  func positive(
    _ value: Int, _ key: String, limit: Int = 1 << 20
  ) throws(CheckpointError) -> Int {
    guard value > 0, value <= limit else { throw wrong(key, value, "between 1 and \(limit)") }
    return value
  }

  /// The value, or transformers' default, which is logged.
  func value<Value>(_ value: Value?, _ key: String, default standard: Value) -> Value {
    guard let value else {
      defaults.note("\(spelled(key)) \(standard)")
      return standard
    }
    return value
  }

  /// The value, or the default of the transformers version that wrote the file.
  func value<Value>(
    _ value: Value?, _ key: String, version4: Value, version5: Value
  ) throws(CheckpointError) -> Value {
    if let value { return value }
    switch writer?.prefix(2) {
    case "4.": return self.value(nil, key, default: version4)
    case "5.": return self.value(nil, key, default: version5)
    default:
      throw wrong(
        key, "absent",
        "given: transformers 4.57 defaults to \(version4), 5.23 to \(version5)")
    }
  }

  func wrong(_ key: String, _ value: some Any, _ expected: String) -> CheckpointError {
    .badConfiguration(path: path, key: spelled(key), value: "\(value)", expected: expected)
  }

  /// A key as this file has it.
  func spelled(_ key: String) -> String {
    let prefix = "text_config."
    return isFlat && key.hasPrefix(prefix) ? String(key.dropFirst(prefix.count)) : key
  }

  /// The error for two contradictory keys.
  func contradiction(
    _ first: (key: String, value: String), _ second: (key: String, value: String)
  ) -> CheckpointError {
    .contradiction(
      first: "\(spelled(first.key)) \(first.value)",
      second: "\(spelled(second.key)) \(second.value)", path: path)
  }
}

/// A log of defaults used for missing keys.
final class DefaultLog {
  private(set) var taken: [String] = []

  func note(_ key: String) { taken.append(key) }
}
