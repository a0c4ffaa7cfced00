/// An error: a value of a rule is out of range.
public struct RuleFault: Error, Sendable, Equatable {
  /// Key path of the value, such as `plan.boundaries[0].temperature`.
  public let key: String
  public let found: String
  public let bounds: ClosedRange<Double>
  /// Whether only integers are valid.
  public let isCount: Bool

  /// Valid range of keep ratios. A schedule may give negative ratios, which keep one token.
  static let shares = -1e6...1e6

  fileprivate init(
    _ path: [any CodingKey], _ found: String, _ bounds: ClosedRange<Double>, isCount: Bool
  ) {
    key = path.filter { $0.intValue == nil }.map(\.stringValue).joined(separator: ".")
    self.found = found
    self.bounds = bounds
    self.isCount = isCount
  }
}

extension KeyedDecodingContainer {
  /// Decodes an optional number and checks its range.
  /// - Throws: `RuleFault`, `DecodingError`.
  func number(_ key: Key, in bounds: ClosedRange<Double>) throws -> Double? {
    guard let value = try decodeIfPresent(Double.self, forKey: key) else { return nil }
    guard bounds.contains(value) else {
      throw RuleFault(codingPath + [key], "\(value)", bounds, isCount: false)
    }
    return value
  }

  /// Decodes an optional integer and checks its range.
  /// - Throws: `RuleFault`, `DecodingError`.
  func count(_ key: Key, in bounds: ClosedRange<Int>) throws -> Int? {
    guard let value = try decodeIfPresent(Int.self, forKey: key) else { return nil }
    guard bounds.contains(value) else {
      let range = Double(bounds.lowerBound)...Double(bounds.upperBound)
      throw RuleFault(codingPath + [key], "\(value)", range, isCount: true)
    }
    return value
  }
}
