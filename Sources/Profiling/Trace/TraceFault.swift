import Foundation

/// Why a line of a trace cannot be used.
public struct TraceFault: Error, Sendable, Equatable {
  /// What is wrong with the line.
  public enum Problem: Sendable, Equatable {
    /// The first line is no header of a trace.
    case notATrace
    /// A schema that is not known here: a later version, or something else altogether.
    case otherSchema(String)
    /// Not one JSON object. The parser's words.
    case notJSON(String)
    case missingKey(String)
    /// The value under this key has another type.
    case wrongType(key: String)
    case badValue(key: String, found: String, expected: String)
    /// An event that makes no sense before the `run` line.
    case beforeRun(event: String)
    /// The trace ends before its `run` line.
    case noRun
    case tooLong(bytes: Int, limit: Int)
  }

  /// Counted from 1.
  public let line: Int
  public let problem: Problem

  public init(line: Int, _ problem: Problem) {
    self.line = line
    self.problem = problem
  }
}

extension TraceFault.Problem {
  init(_ error: DecodingError) {
    switch error {
    case .keyNotFound(let key, let context):
      self = .missingKey(Self.path(context.codingPath + [key]))
    case .typeMismatch(_, let context) where !context.codingPath.isEmpty,
      .valueNotFound(_, let context) where !context.codingPath.isEmpty:
      self = .wrongType(key: Self.path(context.codingPath))
    case .dataCorrupted(let context) where !context.codingPath.isEmpty:
      self = .wrongType(key: Self.path(context.codingPath))
    case .dataCorrupted(let context):
      let words = (context.underlyingError as? NSError)?.userInfo[NSDebugDescriptionErrorKey]
      self = .notJSON(words as? String ?? context.debugDescription)
    case .typeMismatch(_, let context), .valueNotFound(_, let context):
      self = .notJSON(context.debugDescription)
    @unknown default: self = .notJSON("\(error)")
    }
  }

  /// `drop.kept[3]`.
  private static func path(_ keys: [any CodingKey]) -> String {
    keys.reduce("") { path, key in
      if let index = key.intValue { return "\(path)[\(index)]" }
      return path.isEmpty ? key.stringValue : "\(path).\(key.stringValue)"
    }
  }
}

/// Bounds on what a trace may say, so that a hostile one cannot take the machine's memory.
enum TraceLimits {
  static let lineBytes = 64 << 20
  /// As many as a checkpoint may have. A line about the last one stands for all before it.
  static let layers = 1_000
  static let tokens = 1 << 22
  /// Of a conversation.
  static let clips = 1_000
  /// Of an answer: every token of it copies what was there before.
  static let answerTokens = 1 << 17
  static let answerBytes = 4 << 20
  static let textBytes = 1 << 20
  /// As many as the screen's log keeps.
  static let remarks = 1_000
  /// Names of unknown events that are told.
  static let unknownEvents = 10
  /// Milliseconds, bytes, FLOPs: anything beyond is a mistake.
  static let magnitude = 1e24
  static let memory = 1 << 60
}

/// Checks of single values; each throws a problem that names the key.
enum TraceCheck {
  static func number(
    _ value: Double?, _ key: String, in range: ClosedRange<Double> = 0...TraceLimits.magnitude,
    default standard: Double = 0
  ) throws(TraceProblem) -> Double {
    guard let value else { return standard }
    guard range.contains(value) else { throw bad(key, "\(value)", "from \(text(range))") }
    return value
  }

  static func count(
    _ value: Int?, _ key: String, in range: ClosedRange<Int>, default standard: Int = 0
  ) throws(TraceProblem) -> Int {
    guard let value else { return standard }
    guard range.contains(value) else {
      throw bad(key, "\(value)", "\(range.lowerBound) to \(range.upperBound)")
    }
    return value
  }

  /// A column of one value per token; empty where it is left out.
  static func column<Value>(
    _ values: [Value]?, _ key: String, count: Int
  ) throws(TraceProblem) -> [Value] {
    guard let values else { return [] }
    guard values.count == count else {
      throw bad(key, "\(values.count) values", "\(count), one for each token")
    }
    return values
  }

  static func known<Value: RawRepresentable & CaseIterable>(
    _ name: String, _ key: String, as type: Value.Type
  ) throws(TraceProblem) -> Value where Value.RawValue == String {
    guard let value = Value(rawValue: name) else {
      throw bad(key, name, type.allCases.map(\.rawValue).joined(separator: ", "))
    }
    return value
  }

  /// What an answer may come to.
  static func answer(tokens: Int, bytes: Int) throws(TraceProblem) {
    guard tokens <= TraceLimits.answerTokens else {
      throw bad("answer", "\(tokens) tokens", "\(TraceLimits.answerTokens) at most")
    }
    guard bytes <= TraceLimits.answerBytes else {
      throw bad("answer", "\(bytes) bytes", "\(TraceLimits.answerBytes) at most")
    }
  }

  static func bad(_ key: String, _ found: String, _ expected: String) -> TraceProblem {
    TraceProblem(.badValue(key: key, found: String(found.prefix(80)), expected: expected))
  }

  static func text(_ range: ClosedRange<Double>) -> String {
    "\(range.lowerBound.formatted()) to \(range.upperBound.formatted(.number.notation(.scientific)))"
  }
}

/// A problem whose line is not known yet.
struct TraceProblem: Error {
  let problem: TraceFault.Problem

  init(_ problem: TraceFault.Problem) { self.problem = problem }
}
