/// A JSON value of any type.
public enum JSONValue: Sendable, Equatable, Decodable {
  case null
  case bool(Bool)
  case number(Double)
  case string(String)
  case array([JSONValue])
  case object([String: JSONValue])

  public init(from decoder: any Decoder) throws {
    if let keys = try? decoder.container(keyedBy: Key.self) {
      var object: [String: JSONValue] = [:]
      for key in keys.allKeys { object[key.stringValue] = try keys.decode(Self.self, forKey: key) }
      self = .object(object)
      return
    }
    if var items = try? decoder.unkeyedContainer() {
      var array: [JSONValue] = []
      while !items.isAtEnd { array.append(try items.decode(Self.self)) }
      self = .array(array)
      return
    }
    let value = try decoder.singleValueContainer()
    if value.decodeNil() {
      self = .null
    } else if let bool = try? value.decode(Bool.self) {
      self = .bool(bool)
    } else if let number = try? value.decode(Double.self) {
      self = .number(number)
    } else {
      self = .string(try value.decode(String.self))
    }
  }

  /// A JSON string, or an integer as text; nil for other types.
  public var text: String? {
    switch self {
    case .string(let text): text
    case .number(let number) where number == number.rounded() && abs(number) < 1e15:
      String(Int(number))
    case .number(let number): String(number)
    default: nil
    }
  }

  /// The value of an object's key; nil if absent, or if this is not an object.
  public subscript(key: String) -> JSONValue? {
    if case .object(let object) = self { object[key] } else { nil }
  }

  private struct Key: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }
    init?(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
  }
}

extension JSONValue {
  public var number: Double? { if case .number(let number) = self { number } else { nil } }
  public var bool: Bool? { if case .bool(let bool) = self { bool } else { nil } }
  public var string: String? { if case .string(let string) = self { string } else { nil } }
  public var array: [JSONValue]? { if case .array(let array) = self { array } else { nil } }
  public var object: [String: JSONValue]? {
    if case .object(let object) = self { object } else { nil }
  }

  /// The number as an integer; nil if it is not a whole number.
  public var integer: Int? { number.flatMap { Int(exactly: $0) } }

  /// The elements of an array of numbers; nil for anything else.
  public var numbers: [Double]? {
    guard let array else { return nil }
    let numbers = array.compactMap(\.number)
    return numbers.count == array.count ? numbers : nil
  }

  /// The value as in JSON but without quotes, for error messages; truncated to 80 characters.
  public var summary: String {
    let text =
      switch self {
      case .null: "null"
      case .bool(let bool): "\(bool)"
      case .number(let number): number.plain
      case .string(let string): string
      case .array(let array): "[" + array.map(\.summary).joined(separator: ", ") + "]"
      case .object(let object):
        "{"
          + object.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value.summary)" }
          .joined(separator: ", ") + "}"
      }
    return text.count > 80 ? text.prefix(77) + "…" : text
  }
}

extension Double {
  /// The number as text, without a fraction if it is an integer.
  public var plain: String {
    if let whole = Int(exactly: self), abs(self) < 1e15 { return "\(whole)" }
    return "\(self)"
  }
}
