/// Scans a TOML text outside strings and comments for input on which the parser would trap or
/// overflow the stack: a table header without a name, a bracket closed by a brace, a character
/// beyond ASCII, a dotted key with too many parts.
///
/// All other errors are left to the parser. Up to its first error, this scan sees the same strings,
/// comments and brackets as the parser.
struct TOMLOutline {
  private let text: [UInt8]
  private var position = 0
  private var line = 1
  private var lineStart = 0
  /// Whether only white space precedes this position on the line.
  private var isAtLineStart = true
  /// Expected closing characters of the open brackets and braces.
  private var closers: [UInt8] = []
  /// Number of dots in the current key. (The dot of a decimal number is counted too; it has at most
  /// one.)
  private var dots = 0
  /// Maximum number of dots in a key: each dot is a nested table, which the parser handles by
  /// recursion.
  private static let mostDots = 15

  static func firstFault(in text: [UInt8]) -> TOMLFault? {
    var walk = TOMLOutline(text)
    return walk.firstFault()
  }

  private init(_ text: [UInt8]) {
    self.text = text
    if text.starts(with: [0xEF, 0xBB, 0xBF]) { position = 3 }
  }

  private mutating func firstFault() -> TOMLFault? {
    while position < text.count {
      if let reason = fault(text[position]) {
        return TOMLFault(line: line, column: position - lineStart + 1, reason: reason)
      }
      step(text[position])
    }
    return nil
  }

  private func fault(_ byte: UInt8) -> String? {
    switch byte {
    case UInt8(ascii: "[") where isAtLineStart && closers.isEmpty && !hasKey(after: position):
      return "a table without a name"
    case UInt8(ascii: "]"), UInt8(ascii: "}"):
      return closers.last == byte ? nil : "a closing bracket without an opening one"
    case UInt8(ascii: "\r"):
      return self.byte(position + 1) == UInt8(ascii: "\n") ? nil : "a control character"
    case UInt8(ascii: "\t"), UInt8(ascii: "\n"): return nil
    case UInt8(ascii: ".") where dots >= Self.mostDots:
      return "a key of more than \(Self.mostDots + 1) parts"
    case UInt8(ascii: "0")...UInt8(ascii: "9"):
      return isDateWithoutTime(at: position) ? "a date with a T but no time" : nil
    case UInt8(ascii: " "):
      return hasIncompleteTime(at: position) ? "a date with an incomplete time" : nil
    case 0..<0x20, 0x7F: return "a control character"
    case 0x80...: return "a non-ASCII character outside quotes"
    default: return nil
    }
  }

  /// Whether a date is followed by `T` but no time, such as `1979-05-27T?`.
  private func isDateWithoutTime(at start: Int) -> Bool {
    for (offset, shape) in "0000-00-00T".utf8.enumerated() {
      guard let byte = byte(start + offset) else { return false }
      switch shape {
      case UInt8(ascii: "0"): if !Self.isDigit(byte) { return false }
      case UInt8(ascii: "T"): if byte & 0xDF != shape { return false }
      default: if byte != shape { return false }
      }
    }
    return byte(start + 11).map { !Self.isDigit($0) } ?? false
  }

  /// Whether a blank is followed by an incomplete time, as in `1979-05-27 0`: numbers are never adjacent
  /// in valid TOML, and hours have two digits.
  private func hasIncompleteTime(at blank: Int) -> Bool {
    guard let before = byte(blank - 1), let after = byte(blank + 1) else { return false }
    let endsNumber =
      Self.isDigit(before) || before == UInt8(ascii: "-") || before == UInt8(ascii: "_")
    return endsNumber && Self.isDigit(after) && !(byte(blank + 2).map(Self.isDigit) ?? false)
  }

  private static func isDigit(_ byte: UInt8) -> Bool {
    UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte
  }

  private func hasKey(after bracket: Int) -> Bool {
    var next = bracket + 1
    if byte(next) == UInt8(ascii: "[") { next += 1 }
    while byte(next) == UInt8(ascii: " ") || byte(next) == UInt8(ascii: "\t") { next += 1 }
    switch byte(next) {
    case nil, UInt8(ascii: "]"), UInt8(ascii: "\""), UInt8(ascii: "'"), UInt8(ascii: "-"),
      UInt8(ascii: "_"):
      return true
    case .some(let byte):
      return Self.isDigit(byte)
        || UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte | 0x20
    }
  }
}

extension TOMLOutline {
  private mutating func step(_ byte: UInt8) {
    switch byte {
    case UInt8(ascii: "\n"):
      newLine()
      return
    case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r"):
      position += 1
      return
    case UInt8(ascii: "#"):
      while let next = self.byte(position), next != UInt8(ascii: "\n") { position += 1 }
      return
    case UInt8(ascii: "\""), UInt8(ascii: "'"):
      skipString(quote: byte)
    case UInt8(ascii: "."):
      dots += 1
      position += 1
    case UInt8(ascii: "="), UInt8(ascii: ","):
      dots = 0
      position += 1
    case UInt8(ascii: "["), UInt8(ascii: "{"):
      dots = 0
      // In ASCII both closing characters are two after their opening characters.
      closers.append(byte + 2)
      position += 1
    case UInt8(ascii: "]"), UInt8(ascii: "}"):
      closers.removeLast()
      position += 1
    default:
      position += 1
    }
    isAtLineStart = false
  }

  private mutating func newLine() {
    position += 1
    line += 1
    lineStart = position
    isAtLineStart = true
    dots = 0
  }

  private mutating func skipString(quote: UInt8) {
    let isLong = byte(position + 1) == quote && byte(position + 2) == quote
    position += isLong ? 3 : 1
    while let next = byte(position) {
      switch next {
      case UInt8(ascii: "\\") where quote == UInt8(ascii: "\""):
        // An escaped line end counts as one line.
        position += byte(position + 1) == UInt8(ascii: "\n") ? 1 : 2
      case UInt8(ascii: "\n"):
        guard isLong else { return }
        newLine()
      case quote where !isLong:
        position += 1
        return
      case quote where byte(position + 1) == quote && byte(position + 2) == quote:
        endLongString(quote)
        return
      default:
        position += 1
      }
    }
  }

  /// Up to two quotes that belong to a multi-line string may precede its closing three quotes.
  private mutating func endLongString(_ quote: UInt8) {
    position += 3
    for _ in 0..<2 where byte(position) == quote { position += 1 }
  }

  private func byte(_ index: Int) -> UInt8? {
    text.indices.contains(index) ? text[index] : nil
  }
}
