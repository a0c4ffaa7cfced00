import TOMLKit

/// A TOML value of any type.
public enum TOMLValue: Sendable, Equatable {
  case string(String)
  case integer(Int)
  case number(Double)
  case flag(Bool)
  case array([TOMLValue])
  case table([String: TOMLValue])
  /// A date or time; only the name of its type is kept.
  case time(String)

  public var string: String? { if case .string(let value) = self { value } else { nil } }
  public var integer: Int? { if case .integer(let value) = self { value } else { nil } }
  public var flag: Bool? { if case .flag(let value) = self { value } else { nil } }
  public var array: [TOMLValue]? { if case .array(let value) = self { value } else { nil } }
  public var table: [String: TOMLValue]? { if case .table(let value) = self { value } else { nil } }

  /// A floating-point number or an integer; nil for other types.
  public var number: Double? {
    switch self {
    case .number(let value): value
    case .integer(let value): Double(value)
    default: nil
    }
  }

  /// A string or an array of strings; nil for other types.
  public var strings: [String]? {
    if let string { return [string] }
    guard let array else { return nil }
    let strings = array.compactMap(\.string)
    return strings.count == array.count ? strings : nil
  }

  /// A string, Boolean or number as text; nil for other types.
  public var text: String? {
    switch self {
    case .string(let value): value
    case .integer(let value): "\(value)"
    case .number(let value): "\(value)"
    case .flag(let value): "\(value)"
    case .array, .table, .time: nil
    }
  }

  /// The name of the value's type, for error messages.
  public var type: String {
    switch self {
    case .string: "string"
    case .integer: "integer"
    case .number: "floating-point number"
    case .flag: "bool"
    case .array: "array"
    case .table: "table"
    case .time(let type): type
    }
  }
}

extension TOMLValue {
  static func values(of table: TOMLTable) -> [String: TOMLValue] {
    var values: [String: TOMLValue] = [:]
    for key in table.keys { values[key] = table[key].map(TOMLValue.init) }
    return values
  }

  private init(_ value: any TOMLValueConvertible) {
    self =
      if let string = value.string {
        .string(string)
      } else if let flag = value.bool {
        .flag(flag)
      } else if let integer = value.int {
        .integer(integer)
      } else if let number = value.double {
        .number(number)
      } else if let array = value.array {
        .array(array.map(TOMLValue.init))
      } else if let table = value.table {
        .table(Self.values(of: table))
      } else {
        .time(value.type.description)
      }
  }
}
