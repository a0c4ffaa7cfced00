import Basics
import Foundation

/// A JSON file of a checkpoint; decoding errors name its path and the key.
struct JSONFile: Sendable {
  let path: String
  private let contents: Data

  /// Maximum size of a JSON file in bytes: twice the largest published vocabulary. Decoding needs
  /// about forty times as much memory.
  static let sizeLimit = 32 << 20

  init(_ path: String) throws(CheckpointError) {
    self.path = path
    let file = try MappedFile(path)
    guard file.count <= Self.sizeLimit else {
      throw .unreadable(path: path, reason: "too large for a JSON file: \(file.count) bytes")
    }
    contents = file.withBytes(0..<file.count) { Data($0) }
  }

  /// JSON text from a string; `path` is only used in error messages.
  init(text: String, path: String) {
    self.path = path
    contents = Data(text.utf8)
  }

  /// Reads a JSON file; nil if the file does not exist.
  static func ifPresent(_ path: String) throws(CheckpointError) -> JSONFile? {
    FileManager.default.fileExists(atPath: path) ? try JSONFile(path) : nil
  }

  func decode<Value: Decodable>(_ type: Value.Type) throws(CheckpointError) -> Value {
    do {
      return try JSONDecoder().decode(type, fromOutside: contents)
    } catch let error as DecodingError {
      throw Self.checkpointError(error, path)
    } catch {
      throw .badJSON(path: path, place: "the file", reason: "\(error)")
    }
  }

  private static func checkpointError(_ error: DecodingError, _ path: String) -> CheckpointError {
    func keyPath(_ context: DecodingError.Context, _ last: String? = nil) -> String {
      let keys = context.codingPath.map { $0.intValue.map { "[\($0)]" } ?? $0.stringValue }
      let all = keys + (last.map { [$0] } ?? [])
      return all.isEmpty ? "the top level" : all.joined(separator: ".")
    }
    switch error {
    case .keyNotFound(let key, let context):
      return .badJSON(path: path, place: keyPath(context, key.stringValue), reason: "is missing")
    case .typeMismatch(let type, let context):
      return .badJSON(path: path, place: keyPath(context), reason: "must be \(plain(type))")
    case .valueNotFound(let type, let context):
      return .badJSON(path: path, place: keyPath(context), reason: "must be \(plain(type))")
    case .dataCorrupted(let context):
      let isSyntax = context.codingPath.isEmpty
      return .badJSON(
        path: path, place: keyPath(context),
        reason: isSyntax ? "is not valid JSON" : "has an invalid value")
    @unknown default:
      return .badJSON(path: path, place: "the file", reason: "cannot be decoded")
    }
  }

  private static func plain(_ type: Any.Type) -> String {
    switch type {
    case is Int.Type: "an integer"
    case is Double.Type, is Float.Type: "a number"
    case is String.Type: "a string"
    case is Bool.Type: "true or false"
    default: "\(type)".hasPrefix("Array") ? "a list" : "an object"
    }
  }
}
