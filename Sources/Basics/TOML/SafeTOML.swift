import TOMLKit

/// Why a text is not TOML. Line and column count from 1.
public struct TOMLFault: Error, Sendable, Equatable {
  public let line, column: Int
  /// The parser's words, as they are: sanitise them before showing them.
  public let reason: String
}

/// Parses TOML from outside: every fault is an error, also those on which the parser alone would
/// stop the process.
public func parseTOML(_ bytes: [UInt8]) throws(TOMLFault) -> TOMLTable {
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
