/// Checks the values of one file.
struct Check {
  let path: String
  /// Keys that the file does not have, with what is taken for them.
  let defaults = DefaultLog()

  func positive(
    _ value: Int, _ key: String, limit: Int = 1 << 20
  ) throws(CheckpointError) -> Int {
    guard value > 0, value <= limit else { throw wrong(key, value, "between 1 and \(limit)") }
    return value
  }

  /// The value, or the one that transformers takes where the file has none; that is noted.
  func value<Value>(_ value: Value?, _ key: String, default standard: Value) -> Value {
    guard let value else {
      defaults.note("\(key) \(standard)")
      return standard
    }
    return value
  }

  func wrong(_ key: String, _ value: some Any, _ expected: String) -> CheckpointError {
    .badConfiguration(path: path, key: key, value: "\(value)", expected: expected)
  }

  /// Two keys of the file that cannot both hold.
  func contradiction(
    _ first: (key: String, value: String), _ second: (key: String, value: String)
  ) -> CheckpointError {
    .contradiction(
      first: "\(first.key) \(first.value)", second: "\(second.key) \(second.value)", path: path)
  }
}

/// What was taken for keys that are absent.
final class DefaultLog {
  private(set) var taken: [String] = []

  func note(_ key: String) { taken.append(key) }
}
