import Foundation

/// A fault in a line of a trace.
public struct TraceFault: Error, Sendable, Equatable {
  /// Kind of fault.
  public enum Problem: Sendable, Equatable {
    /// The first line is not a trace header.
    case notATrace
    /// An unknown schema: a later version, or another format.
    case otherSchema(String)
    /// Not a JSON object, with the parser's message.
    case notJSON(String)
    case missingKey(String)
    /// The value under this key has another type.
    case wrongType(key: String)
    case badValue(key: String, found: String, expected: String)
    /// An event before the `run` line.
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

/// Limits of traces, which bound the memory of untrusted ones.
enum TraceLimits {
  static let lineBytes = 64 << 20
  /// Maximum number of layers, as for checkpoints. A line about the last layer implies all before
  /// it.
  static let layers = 1_000
  static let tokens = 1 << 22
  /// Maximum number of clips of a conversation.
  static let clips = 1_000
  /// Maximum number of answer tokens.
  static let answerTokens = 1 << 17
  static let answerBytes = 4 << 20
  static let textBytes = 1 << 20
  /// Maximum number of log messages, as on the screen.
  static let remarks = 1_000
  /// Maximum number of unknown events that are named.
  static let unknownEvents = 10
  /// Maximum of milliseconds, bytes and FLOPs.
  static let magnitude = 1e24
  static let memory = 1 << 60
}

/// Validation of values; throws a problem with the key.
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

  /// A column with one value per token; empty if left out.
  static func column<Value>(
    _ values: [Value]?, _ key: String, count: Int
  ) throws(TraceProblem) -> [Value] {
    guard let values else { return [] }
    guard values.count == count else {
      throw bad(key, "\(values.count) values", "\(count), one per token")
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

  /// Limits of an answer.
  static func answer(tokens: Int, bytes: Int) throws(TraceProblem) {
    guard tokens <= TraceLimits.answerTokens else {
      throw bad("answer", "\(tokens) tokens", "at most \(TraceLimits.answerTokens)")
    }
    guard bytes <= TraceLimits.answerBytes else {
      throw bad("answer", "\(bytes) bytes", "at most \(TraceLimits.answerBytes)")
    }
  }

  static func bad(_ key: String, _ found: String, _ expected: String) -> TraceProblem {
    TraceProblem(.badValue(key: key, found: String(found.prefix(80)), expected: expected))
  }

  static func text(_ range: ClosedRange<Double>) -> String {
    "\(range.lowerBound.formatted()) to \(range.upperBound.formatted(.number.notation(.scientific)))"
  }
}

/// A problem without its line number.
struct TraceProblem: Error {
  let problem: TraceFault.Problem

  init(_ problem: TraceFault.Problem) { self.problem = problem }
}
