/// A JSON value of any type.
enum JSONValue: Decodable, Sendable, Equatable {
  case null
  case bool(Bool)
  case number(Double)
  case string(String)
  case list([JSONValue])
  case object([String: JSONValue])

  init(from decoder: any Decoder) throws {
    let single = try decoder.singleValueContainer()
    if single.decodeNil() {
      self = .null
    } else if let bool = try? single.decode(Bool.self) {
      self = .bool(bool)
    } else if let number = try? single.decode(Double.self) {
      self = .number(number)
    } else if let string = try? single.decode(String.self) {
      self = .string(string)
    } else if let list = try? single.decode([JSONValue].self) {
      self = .list(list)
    } else {
      self = .object(try single.decode([String: JSONValue].self))
    }
  }

  var number: Double? { if case .number(let number) = self { number } else { nil } }
  var bool: Bool? { if case .bool(let bool) = self { bool } else { nil } }
  var string: String? { if case .string(let string) = self { string } else { nil } }
  var list: [JSONValue]? { if case .list(let list) = self { list } else { nil } }
  var object: [String: JSONValue]? {
    if case .object(let object) = self { object } else { nil }
  }

  /// The value as an integer.
  var integer: Int? { number.flatMap { Int(exactly: $0) } }

  /// The value as a list of numbers; nil otherwise.
  var numbers: [Double]? {
    guard let list else { return nil }
    let numbers = list.compactMap(\.number)
    return numbers.count == list.count ? numbers : nil
  }

  /// The value as JSON text, truncated.
  var text: String {
    let text =
      switch self {
      case .null: "null"
      case .bool(let bool): "\(bool)"
      case .number(let number): number.plain
      case .string(let string): string
      case .list(let list): "[" + list.map(\.text).joined(separator: ", ") + "]"
      case .object(let object):
        "{"
          + object.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value.text)" }
          .joined(separator: ", ") + "}"
      }
    return text.count > 80 ? text.prefix(77) + "…" : text
  }
}

extension Double {
  /// Without a fraction for integers.
  var plain: String {
    if let whole = Int(exactly: self), abs(self) < 1e15 { return "\(whole)" }
    return "\(self)"
  }
}
