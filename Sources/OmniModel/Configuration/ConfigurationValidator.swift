/// Validates the values of one configuration file.
struct ConfigurationValidator {
  let path: String
  /// The transformers version that wrote the file; nil if not stated.
  var writer: String?
  /// Whether the keys of `text_config` are at the thinker's level, so that they have no prefix in
  /// messages.
  var isFlat = false
  /// Log of missing keys and the default values used.
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

  /// The value of a key, or if it is missing transformers' default, which is logged.
  func value<Value>(_ value: Value?, _ key: String, default standard: Value) -> Value {
    guard let value else {
      defaults.note("\(spelled(key)) \(standard)")
      return standard
    }
    return value
  }

  /// The value of a key, or if it is missing the default of the transformers version that wrote the
  /// file.
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

  /// The path of a key as it appears in this file.
  func spelled(_ key: String) -> String {
    let prefix = "text_config."
    return isFlat && key.hasPrefix(prefix) ? String(key.dropFirst(prefix.count)) : key
  }

  /// The error for two keys that contradict each other.
  func contradiction(
    _ first: (key: String, value: String), _ second: (key: String, value: String)
  ) -> CheckpointError {
    .contradiction(
      first: "\(spelled(first.key)) \(first.value)",
      second: "\(spelled(second.key)) \(second.value)", path: path)
  }
}

/// A log of the default values used for missing configuration keys.
final class DefaultLog {
  private(set) var taken: [String] = []

  func note(_ key: String) { taken.append(key) }
}
