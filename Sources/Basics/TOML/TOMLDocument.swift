import TOMLKit

/// Why a text is not TOML. Line and column count from 1.
public struct TOMLFault: Error, Sendable, Equatable {
  public let line, column: Int
  /// The parser's message, unsanitised.
  public let reason: String
}

/// A TOML text with its values, and the line of the first use of each key.
public struct TOMLDocument: Sendable {
  public let root: [String: TOMLValue]
  /// Lines by key, from 1. The parser keeps no positions of values.
  private let lines: [Substring: Int]

  /// Parses untrusted TOML: every fault is an error, also those on which the parser alone would stop the
  /// process.
  /// - Throws: `TOMLFault`.
  public init(_ bytes: [UInt8]) throws(TOMLFault) {
    root = TOMLValue.values(of: try parse(bytes))
    lines = Self.lines(String(decoding: bytes, as: UTF8.self))
  }

  /// The first line with this key or this part of a dotted key, from 1; 1 if there is none.
  public func line(of key: String) -> Int {
    lines[key[...]] ?? lines[key.split(separator: ".").last ?? ""] ?? 1
  }

  private static func lines(_ text: String) -> [Substring: Int] {
    var found: [Substring: Int] = [:]
    let lines = text.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    for (index, line) in lines.enumerated() {
      let key = Substring(line).drop { " \t[\"".contains($0) }.prefix { !" \t\r=]\"".contains($0) }
      for name in [key] + key.split(separator: ".") where !name.isEmpty && found[name] == nil {
        found[name] = index + 1
      }
    }
    return found
  }
}

/// Parses TOML; see `TOMLDocument`.
private func parse(_ bytes: [UInt8]) throws(TOMLFault) -> TOMLTable {
  // The parser would take a zero byte for the end of the text.
  guard !bytes.contains(0), let text = String(validating: bytes, as: UTF8.self) else {
    let start = bytes.firstIndex(of: 0) ?? firstInvalidLine(bytes)
    let line = 1 + bytes[..<start].count { $0 == UInt8(ascii: "\n") }
    throw TOMLFault(line: line, column: 1, reason: "not UTF-8 text")
  }
  if let fault = TOMLOutline.firstFault(in: bytes) { throw fault }
  do {
    return try TOMLTable(string: text)
  } catch let error as TOMLParseError {
    throw TOMLFault(
      line: error.source.begin.line, column: error.source.begin.column, reason: error.description)
  } catch {
    throw TOMLFault(line: 1, column: 1, reason: "\(error)")
  }
}

/// The start of the first line that is not UTF-8.
private func firstInvalidLine(_ bytes: [UInt8]) -> Int {
  var low = 0
  for index in bytes.indices where bytes[index] == UInt8(ascii: "\n") {
    guard String(validating: bytes[low...index], as: UTF8.self) != nil else { return low }
    low = index + 1
  }
  return low
}
