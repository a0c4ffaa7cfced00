import Foundation

/// A JSON value that preserves the order of keys and the text of numbers.
public enum OrderedJSON: Sendable, Equatable {
  case null
  case bool(Bool)
  /// A number as written in the file, also `NaN`, `Infinity` and `-Infinity`, which Python writes.
  case number(String)
  case string(String)
  case array([OrderedJSON])
  case object([Member])

  /// One key of an object and its value.
  public struct Member: Sendable, Equatable {
    public let key: String
    public let value: OrderedJSON

    public init(_ key: String, _ value: OrderedJSON) {
      (self.key, self.value) = (key, value)
    }
  }

  /// Parses untrusted JSON; nil if it is invalid or nested in more than 100 levels.
  /// - Parameter json: UTF-8 text.
  public init?(fromOutside json: Data) {
    guard json.withUnsafeBytes(Outline.fault) == nil else { return nil }
    let value = json.withUnsafeBytes { bytes -> OrderedJSON? in
      var reader = OrderedReader(bytes)
      guard let value = reader.value(), reader.isAtEnd else { return nil }
      return value
    }
    guard let value else { return nil }
    self = value
  }

  /// The value of an object's key, the last one if it is repeated; nil if absent, or if this is not
  /// an object.
  public subscript(key: String) -> OrderedJSON? {
    if case .object(let members) = self { members.last { $0.key == key }?.value } else { nil }
  }

  /// The value without the order of keys.
  public var unordered: JSONValue {
    switch self {
    case .null: .null
    case .bool(let bool): .bool(bool)
    case .number(let literal): .number(Double(literal.lowercased()) ?? .nan)
    case .string(let text): .string(text)
    case .array(let items): .array(items.map(\.unordered))
    case .object(let members):
      .object(
        Dictionary(
          members.map { ($0.key, $0.value.unordered) }, uniquingKeysWith: { _, last in last }))
    }
  }

  /// A number, or a Boolean as 1 or 0; nil for other types.
  public var number: Double? {
    switch self {
    case .bool(let bool): bool ? 1 : 0
    case .number(let literal): Double(literal.lowercased())
    default: nil
    }
  }
}

/// Recursive parser of JSON text; returns nil for invalid JSON.
private struct OrderedReader {
  private let bytes: UnsafeRawBufferPointer
  private var place = 0

  init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

  /// Whether only white space is left.
  var isAtEnd: Bool {
    mutating get {
      skipSpace()
      return place == bytes.count
    }
  }

  mutating func value() -> OrderedJSON? {
    skipSpace()
    switch peek {
    case UInt8(ascii: "{"): return object()
    case UInt8(ascii: "["): return array()
    case UInt8(ascii: "\""): return string().map { .string($0) }
    default: return literal()
    }
  }

  private var peek: UInt8? { place < bytes.count ? bytes[place] : nil }

  private mutating func skipSpace() {
    while let byte = peek, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 {
      place += 1
    }
  }

  private mutating func take(_ mark: Character) -> Bool {
    skipSpace()
    guard let byte = peek, byte == mark.asciiValue else { return false }
    place += 1
    return true
  }

  private mutating func object() -> OrderedJSON? {
    place += 1
    var members: [OrderedJSON.Member] = []
    if take("}") { return .object([]) }
    repeat {
      skipSpace()
      guard peek == UInt8(ascii: "\""), let key = string(), take(":"), let value = value() else {
        return nil
      }
      members.append(.init(key, value))
    } while take(",")
    return take("}") ? .object(members) : nil
  }

  private mutating func array() -> OrderedJSON? {
    place += 1
    var items: [OrderedJSON] = []
    if take("]") { return .array([]) }
    repeat {
      guard let item = value() else { return nil }
      items.append(item)
    } while take(",")
    return take("]") ? .array(items) : nil
  }

  private mutating func literal() -> OrderedJSON? {
    let start = place
    while let byte = peek, isWord(byte) { place += 1 }
    let word = String(decoding: bytes[start..<place], as: UTF8.self)
    switch word {
    case "null": return .null
    case "true": return .bool(true)
    case "false": return .bool(false)
    case "NaN", "Infinity", "-Infinity": return .number(word)
    default: return isNumber(word) ? .number(word) : nil
    }
  }

  private func isWord(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "+"),
      UInt8(ascii: "."):
      true
    default: false
    }
  }

  /// Matches a JSON number: `-?(0|[1-9][0-9]*)(.[0-9]+)?([eE][+-]?[0-9]+)?`
  private func isNumber(_ word: String) -> Bool {
    var rest = word.utf8[...]
    func digits() -> Int {
      let run = rest.prefix { 0x30...0x39 ~= $0 }
      rest = rest.dropFirst(run.count)
      return run.count
    }
    if rest.first == UInt8(ascii: "-") { rest = rest.dropFirst() }
    let isZero = rest.first == UInt8(ascii: "0")
    let count = digits()
    guard count == 1 || count > 1 && !isZero else { return false }
    if rest.first == UInt8(ascii: ".") {
      rest = rest.dropFirst()
      guard digits() > 0 else { return false }
    }
    if rest.first == UInt8(ascii: "e") || rest.first == UInt8(ascii: "E") {
      rest = rest.dropFirst()
      if rest.first == UInt8(ascii: "-") || rest.first == UInt8(ascii: "+") {
        rest = rest.dropFirst()
      }
      guard digits() > 0 else { return false }
    }
    return rest.isEmpty
  }

  private mutating func string() -> String? {
    place += 1
    var units: [UInt8] = []
    while let byte = peek {
      place += 1
      switch byte {
      case UInt8(ascii: "\""): return String(validating: units, as: UTF8.self)
      case UInt8(ascii: "\\"):
        guard let scalar = escaped() else { return nil }
        units += Array(String(Character(scalar)).utf8)
      case 0..<0x20: return nil
      default: units.append(byte)
      }
    }
    return nil
  }

  /// Parses the escape sequence after a backslash; an unpaired surrogate becomes U+FFFD.
  private mutating func escaped() -> Unicode.Scalar? {
    guard let byte = peek else { return nil }
    place += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(byte)
    case UInt8(ascii: "b"): return "\u{8}"
    case UInt8(ascii: "f"): return "\u{C}"
    case UInt8(ascii: "n"): return "\n"
    case UInt8(ascii: "r"): return "\r"
    case UInt8(ascii: "t"): return "\t"
    case UInt8(ascii: "u"): break
    default: return nil
    }
    guard let first = unit() else { return nil }
    guard 0xD800...0xDBFF ~= first, peek == UInt8(ascii: "\\"), place + 1 < bytes.count,
      bytes[place + 1] == UInt8(ascii: "u")
    else { return Unicode.Scalar(first) ?? "\u{FFFD}" }
    let back = place
    place += 2
    guard let second = unit() else { return nil }
    guard 0xDC00...0xDFFF ~= second else {
      place = back
      return "\u{FFFD}"
    }
    return Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00))
  }

  /// Parses four hexadecimal digits.
  private mutating func unit() -> UInt32? {
    guard place + 4 <= bytes.count else { return nil }
    let text = bytes[place..<place + 4]
    guard text.allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit }) else { return nil }
    place += 4
    return UInt32(String(decoding: text, as: UTF8.self), radix: 16)
  }
}
