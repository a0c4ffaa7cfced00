/// A rule in a trace from another program, with its name and values. It can be shown, predicted if
/// it states ratios, and written again, but not run.
public struct UnknownRule: EncoderRule, BoundaryRule {
  public static let name = ""

  public let name: String
  /// All values in the file except name and layer.
  private let values: [String: RuleValue]

  /// Maximum number of keys, and of numbers in a list.
  static let limit = 100

  init(name: String, from decoder: any Decoder) throws {
    self.name = name
    let keys = try decoder.container(keyedBy: RuleKey.self)
    let stated = keys.allKeys.filter { !["rule", "after_layer"].contains($0.stringValue) }
    values = Dictionary(
      uniqueKeysWithValues: try stated.prefix(Self.limit).map {
        ($0.stringValue, try keys.decode(RuleValue.self, forKey: $0))
      })
    _ = try KeptShares(from: decoder)
  }

  public var ratios: RetentionBudget {
    func share(_ key: String) -> Double {
      switch values[key] {
      case .whole(let share)?: Double(share)
      case .number(let share)?: share
      default: 1
      }
    }
    return RetentionBudget(video: share("video"), audio: share("audio"))
  }
  public var isExact: Bool { false }
  public var need: BoundaryNeed { .nothing }
  public var summary: String { "rule “\(name)” of another engine" }

  public func select(_ inputs: EncoderInputs) -> RuleOutcome {
    RuleOutcome(kept: Array(inputs.modalities.indices), path: .noChoice)
  }

  public func select(_ inputs: BoundaryInputs) -> RuleOutcome {
    RuleOutcome(kept: Array(inputs.modalities.indices), path: .noChoice)
  }
}

extension UnknownRule {
  public init(from decoder: any Decoder) throws {
    let keys = try decoder.container(keyedBy: RuleKey.self)
    try self.init(name: try keys.decode(String.self, forKey: RuleKey("rule")), from: decoder)
  }

  public func encode(to encoder: any Encoder) throws {
    var keys = encoder.container(keyedBy: RuleKey.self)
    for (key, value) in values { try keys.encode(value, forKey: RuleKey(key)) }
  }
}

/// A JSON key with any name.
struct RuleKey: CodingKey {
  let stringValue: String
  var intValue: Int? { nil }

  init(_ name: String) { stringValue = name }
  init?(stringValue: String) { self.init(stringValue) }
  init?(intValue: Int) { nil }
}

/// A JSON value of an unknown rule; lists and objects keep at most `limit` entries.
private enum RuleValue: Sendable, Equatable, Codable {
  case flag(Bool)
  case whole(UInt64)
  case number(Double)
  case text(String)
  case list([RuleValue])
  case table([String: RuleValue])
  case none

  init(from decoder: any Decoder) throws {
    if var list = try? decoder.unkeyedContainer() {
      var values: [RuleValue] = []
      while !list.isAtEnd, values.count < UnknownRule.limit {
        values.append(try list.decode(RuleValue.self))
      }
      self = .list(values)
      return
    }
    if let keys = try? decoder.container(keyedBy: RuleKey.self) {
      let values = try keys.allKeys.prefix(UnknownRule.limit).map {
        ($0.stringValue, try keys.decode(RuleValue.self, forKey: $0))
      }
      self = .table(Dictionary(uniqueKeysWithValues: values))
      return
    }
    let value = try? decoder.singleValueContainer()
    if let flag = try? value?.decode(Bool.self) {
      self = .flag(flag)
    } else if let whole = try? value?.decode(UInt64.self) {
      self = .whole(whole)
    } else if let number = try? value?.decode(Double.self) {
      self = .number(number)
    } else if let text = try? value?.decode(String.self) {
      self = .text(text)
    } else {
      self = .none
    }
  }

  func encode(to encoder: any Encoder) throws {
    var value = encoder.singleValueContainer()
    switch self {
    case .flag(let flag): try value.encode(flag)
    case .whole(let number): try value.encode(number)
    case .number(let number): try value.encode(number)
    case .text(let text): try value.encode(text)
    case .list(let values): try value.encode(values)
    case .table(let values): try value.encode(values)
    case .none: try value.encodeNil()
    }
  }
}
