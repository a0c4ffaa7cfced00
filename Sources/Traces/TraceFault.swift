import Foundation
import Runs

/// An error in a line of a trace.
public struct TraceFault: Error, Sendable, Equatable {
  /// Kinds of errors in a trace.
  public enum Problem: Sendable, Equatable {
    /// The first line is not a trace header.
    case notATrace
    /// The schema is unknown: of a later version or another format.
    case otherSchema(String)
    /// The line is not a JSON object; with the message of the JSON parser.
    case notJSON(String)
    case missingKey(String)
    /// The value of this key has the wrong type.
    case wrongType(key: String)
    case badValue(key: String, found: String, expected: String)
    /// An event comes before the `run` line.
    case beforeRun(event: String)
    /// The trace ends before its `run` line.
    case noRun
    case tooLong(bytes: Int, limit: Int)
  }

  /// Line number, counted from 1.
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

  /// A key path as text: `drop.kept[3]`.
  private static func path(_ keys: [any CodingKey]) -> String {
    keys.reduce("") { path, key in
      if let index = key.intValue { return "\(path)[\(index)]" }
      return path.isEmpty ? key.stringValue : "\(path).\(key.stringValue)"
    }
  }
}

/// Limits of the values in a trace, which bound the memory that an untrusted trace can use.
enum TraceLimits {
  static let lineBytes = 64 << 20
  /// Maximum number of layers, as for checkpoints. A line about the last layer implies all layers
  /// before it.
  static let layers = 1_000
  static let tokens = 1 << 22
  /// Maximum number of clips of a conversation.
  static let clips = MessagesFile.mostMedia
  /// Maximum number of answer tokens.
  static let answerTokens = 1 << 17
  static let answerBytes = 4 << 20
  static let textBytes = 1 << 20
  /// Maximum number of log messages, as on the screen.
  static let remarks = 1_000
  /// Maximum number of unknown event names that a warning lists.
  static let unknownEvents = 10
  /// Maximum number of milliseconds, bytes and FLOPs.
  static let magnitude = 1e24
  static let memory = 1 << 60
}

/// Validates values of a trace; an invalid value throws a problem with its key.
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

  /// Validates a column with one value per token; a missing column gives an empty list.
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

  /// Validates the size of an answer.
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

/// An error in a trace line, without its line number.
struct TraceProblem: Error {
  let problem: TraceFault.Problem

  init(_ problem: TraceFault.Problem) { self.problem = problem }
}
