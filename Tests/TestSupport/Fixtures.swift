import Foundation

/// Files under Tests/Fixtures.
public enum Fixtures {
  public static let directory = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "Fixtures")

  public static let golden = directory.appending(path: "golden")

  public static func decode<Value: Decodable>(_ type: Value.Type, _ path: String) throws -> Value {
    try JSONDecoder().decode(type, from: Data(contentsOf: golden.appending(path: path)))
  }
}

/// The largest amount by which `found` misses `expected` beyond `absolute + relative · |expected|`;
/// 0 or less when all is within the tolerance, infinite when the counts differ.
public func worstMiss(
  _ found: some Collection<Float>, _ expected: some Collection<Float>, absolute: Float,
  relative: Float = 0
) -> Float {
  guard found.count == expected.count else { return .infinity }
  return zip(found, expected).reduce(-Float.infinity) { worst, pair in
    let miss = abs(pair.0 - pair.1) - absolute - relative * abs(pair.1)
    return miss.isNaN ? .infinity : max(worst, miss)
  }
}
