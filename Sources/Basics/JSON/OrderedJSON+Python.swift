extension OrderedJSON {
  /// JSON text as Python's `json.dumps(value, indent=2, ensure_ascii=False)` writes it.
  public var pythonText: String {
    var text = ""
    write(to: &text, level: 0)
    return text
  }

  /// JSON text as Python's `json.dumps(value, ensure_ascii=False)` writes it, on one line.
  public var pythonLine: String {
    var text = ""
    write(to: &text, level: nil)
    return text
  }

  /// Appends the value as JSON text.
  /// - Parameter level: indentation level; nil writes one line.
  private func write(to text: inout String, level: Int?) {
    switch self {
    case .null: text += "null"
    case .bool(let bool): text += bool ? "true" : "false"
    case .number(let literal): text += Self.number(literal)
    case .string(let string): Self.quote(string, to: &text)
    case .array(let items):
      Self.list(items, "[", "]", to: &text, level) { item, text in
        item.write(to: &text, level: level.map { $0 + 1 })
      }
    case .object(let members):
      Self.list(Self.once(members), "{", "}", to: &text, level) { member, text in
        Self.quote(member.key, to: &text)
        text += ": "
        member.value.write(to: &text, level: level.map { $0 + 1 })
      }
    }
  }

  private static func list<Item>(
    _ items: [Item], _ open: String, _ close: String, to text: inout String, _ level: Int?,
    write: (Item, inout String) -> Void
  ) {
    text += open
    for (index, item) in items.enumerated() {
      if let level {
        text += (index == 0 ? "\n" : ",\n") + String(repeating: "  ", count: level + 1)
      } else if index > 0 {
        text += ", "
      }
      write(item, &text)
    }
    if let level, !items.isEmpty { text += "\n" + String(repeating: "  ", count: level) }
    text += close
  }

  /// Members with distinct keys: a repeated key keeps its first position and its last value.
  private static func once(_ members: [Member]) -> [Member] {
    var places: [String: Int] = [:]
    var kept: [Member] = []
    for member in members {
      if let place = places[member.key] {
        kept[place] = member
      } else {
        places[member.key] = kept.count
        kept.append(member)
      }
    }
    return kept
  }

  /// A number as Python writes it: integers keep their digits, others have the shortest form.
  private static func number(_ literal: String) -> String {
    guard literal.contains(where: { ".eE".contains($0) }), let value = Double(literal) else {
      return literal == "-0" ? "0" : literal
    }
    guard value.isFinite else { return value < 0 ? "-Infinity" : "Infinity" }
    // No exponent up to 10¹⁶, as in Python.
    let shortest = "\(value)"
    guard shortest.contains("e+"), abs(value) < 1e16 else { return shortest }
    return "\(Int64(value)).0"
  }

  private static func quote(_ string: String, to text: inout String) {
    text += "\""
    for scalar in string.unicodeScalars {
      switch scalar {
      case "\"": text += "\\\""
      case "\\": text += "\\\\"
      case "\n": text += "\\n"
      case "\r": text += "\\r"
      case "\t": text += "\\t"
      case "\u{8}": text += "\\b"
      case "\u{C}": text += "\\f"
      case "\u{0}"..<"\u{20}":
        let digits = String(scalar.value, radix: 16)
        text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: text.unicodeScalars.append(scalar)
      }
    }
    text += "\""
  }
}
