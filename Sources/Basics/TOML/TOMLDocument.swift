import TOMLKit

/// The reason why a text is not valid TOML; line and column count from 1.
public struct TOMLFault: Error, Sendable, Equatable {
  public let line, column: Int
  /// The parser's message; may contain control characters.
  public let reason: String
}

/// A parsed TOML text: its values, and the line where each key first appears.
public struct TOMLDocument: Sendable {
  public let root: [String: TOMLValue]
  /// Line number of each key, from 1. The parser does not report the positions of values.
  private let lines: [Substring: Int]

  /// Parses untrusted TOML. Input on which the parser alone would stop the process gives an error
  /// as well.
  /// - Throws: `TOMLFault`.
  public init(_ bytes: [UInt8]) throws(TOMLFault) {
    root = TOMLValue.values(of: try parse(bytes))
    lines = Self.lines(String(decoding: bytes, as: UTF8.self))
  }

  /// The first line with this key or part of a dotted key, from 1; 1 if there is none.
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

/// Parses TOML after checking for input on which the parser would stop the process.
private func parse(_ bytes: [UInt8]) throws(TOMLFault) -> TOMLTable {
  // The parser would treat a zero byte as the end of the text.
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

/// Number of the first line that is not UTF-8, from 1.
private func firstInvalidLine(_ bytes: [UInt8]) -> Int {
  var low = 0
  for index in bytes.indices where bytes[index] == UInt8(ascii: "\n") {
    guard String(validating: bytes[low...index], as: UTF8.self) != nil else { return low }
    low = index + 1
  }
  return low
}
