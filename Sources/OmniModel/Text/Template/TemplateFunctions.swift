/// The Jinja filters, tests and methods that chat templates use.
enum TemplateFunctions {
  static func filter(
    _ name: String, _ value: TemplateValue, _ arguments: [TemplateValue]
  ) throws(TemplateError) -> TemplateValue {
    switch (name, value) {
    case ("trim", .string(let text)) where arguments.isEmpty: return .string(stripped(text))
    case ("upper", .string(let text)): return .string(text.uppercased())
    case ("lower", .string(let text)): return .string(text.lowercased())
    case ("string", _): return .string(try value.text())
    case ("safe", _): return value
    case ("default", .undefined): return arguments.first ?? .string("")
    case ("default", _): return value
    case ("length", .string(let text)), ("count", .string(let text)): return .integer(text.count)
    case ("length", .list(let list)), ("count", .list(let list)): return .integer(list.count)
    case ("length", .table(let table)), ("count", .table(let table)): return .integer(table.count)
    case ("list", .list): return value
    case ("first", .list(let list)): return list.first ?? .undefined
    case ("last", .list(let list)): return list.last ?? .undefined
    case ("join", .list(let list)):
      return try joined(list, try arguments.first?.text() ?? "")
    default: throw .unsupported("| \(name)")
    }
  }

  static func test(_ name: String, _ value: TemplateValue) throws(TemplateError) -> Bool {
    switch (name, value) {
    case ("undefined", .undefined): return true
    case ("undefined", _): return false
    case ("defined", .undefined): return false
    case ("defined", _): return true
    case ("none", .none): return true
    case ("none", _): return false
    case ("string", .string): return true
    case ("string", _): return false
    case ("mapping", .table), ("mapping", .namespace): return true
    case ("mapping", _): return false
    case ("iterable", .list), ("iterable", .string), ("iterable", .table): return true
    case ("iterable", _): return false
    case ("sequence", .list), ("sequence", .string): return true
    case ("sequence", _): return false
    case ("true", .bool(let bool)): return bool
    case ("false", .bool(let bool)): return !bool
    case ("true", _), ("false", _): return false
    case ("boolean", .bool): return true
    case ("boolean", _): return false
    case ("number", .integer), ("integer", .integer): return true
    case ("number", _), ("integer", _): return false
    default: throw .unsupported("is \(name)")
    }
  }

  static func method(
    _ name: String, of owner: TemplateValue, _ arguments: [TemplateValue]
  ) throws(TemplateError) -> TemplateValue {
    switch (name, owner, arguments.first) {
    case ("strip", .string(let text), nil): return .string(stripped(text))
    case ("strip", .string(let text), .string(let set)?):
      return .string(stripped(text) { set.contains($0) })
    case ("lstrip", .string(let text), let set):
      return .string(String(text.drop { fits($0, set) }))
    case ("rstrip", .string(let text), let set):
      return .string(String(text.reversed().drop { fits($0, set) }.reversed()))
    case ("startswith", .string(let text), .string(let part)?): return .bool(text.hasPrefix(part))
    case ("endswith", .string(let text), .string(let part)?): return .bool(text.hasSuffix(part))
    case ("upper", .string(let text), nil): return .string(text.uppercased())
    case ("lower", .string(let text), nil): return .string(text.lowercased())
    case ("split", .string(let text), .string(let part)?)
    where !part.isEmpty && arguments.count == 1:
      return .list(
        text.split(separator: part, omittingEmptySubsequences: false).map { .string(String($0)) })
    case ("replace", .string(let text), .string(let old)?)
    where arguments.count == 2 && !old.isEmpty:
      let new = try arguments[1].text()
      guard text.utf8.count * (new.utf8.count + 1) < 1 << 24 else { throw .tooLong }
      return .string(text.replacing(old, with: new))
    case ("get", .table(let table), .string(let key)?):
      return table[key] ?? (arguments.count > 1 ? arguments[1] : .none)
    case ("items", .table(let table), nil):
      return .list(table.sorted { $0.key < $1.key }.map { .list([.string($0.key), $0.value]) })
    case ("keys", .table(let table), nil):
      return .list(table.keys.sorted().map { .string($0) })
    default: throw .unsupported(".\(name)()")
    }
  }

  static func joined(
    _ list: [TemplateValue], _ separator: String
  ) throws(TemplateError) -> TemplateValue {
    var text = ""
    for (index, item) in list.enumerated() {
      if index > 0 { text += separator }
      text += try item.text()
      guard text.utf8.count < 1 << 20 else { throw .tooLong }
    }
    return .string(text)
  }

  private static func fits(_ character: Character, _ set: TemplateValue?) -> Bool {
    if case .string(let set)? = set { return set.contains(character) }
    return character.isWhitespace
  }

  private static func stripped(
    _ text: String, _ fits: (Character) -> Bool = { $0.isWhitespace }
  ) -> String {
    let start = text.drop(while: fits)
    return String(String(start.reversed()).drop(while: fits).reversed())
  }
}
