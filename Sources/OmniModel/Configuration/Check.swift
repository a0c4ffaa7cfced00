/// Complains about values of one file.
struct Check {
  let path: String

  func positive(
    _ value: Int, _ key: String, limit: Int = 1 << 20
  ) throws(CheckpointError) -> Int {
    guard value > 0, value <= limit else { throw wrong(key, value, "between 1 and \(limit)") }
    return value
  }

  func wrong(_ key: String, _ value: some Any, _ expected: String) -> CheckpointError {
    .badConfiguration(path: path, key: key, value: "\(value)", expected: expected)
  }
}
