/// Renders a chat template for a conversation.
struct TemplateRendering {
  private var names: [[String: TemplateValue]]
  private var output = ""
  private var steps = 0

  private static let mostSteps = 50_000
  private static let longestList = 50_000
  private static let longestOutput = 1 << 20

  /// Renders a template with the given variables.
  /// - Throws: `TemplateError` for unsupported constructs.
  static func text(
    of nodes: [TemplateNode], _ context: [String: TemplateValue]
  ) throws(TemplateError) -> String {
    var rendering = TemplateRendering(names: [context])
    try rendering.run(nodes)
    return rendering.output
  }

  private init(names: [[String: TemplateValue]]) { self.names = names }

  private mutating func step() throws(TemplateError) {
    steps += 1
    guard steps < Self.mostSteps, output.utf8.count < Self.longestOutput else { throw .tooLong }
  }

  private mutating func run(_ nodes: [TemplateNode]) throws(TemplateError) {
    for node in nodes {
      try step()
      switch node {
      case .text(let text): output += text
      case .output(let expression): output += try value(expression).text()
      case .choice(let branches):
        for branch in branches {
          let holds = try branch.condition.map { condition throws(TemplateError) in
            try value(condition).isTrue
          }
          guard holds ?? true else { continue }
          try run(branch.body)
          break
        }
      case .loop(let targets, let list, let condition, let body):
        try loop(targets, try value(list), condition, body)
      case .set(let name, let field, let expression): try set(name, field, try value(expression))
      }
    }
  }

  private mutating func loop(
    _ targets: [String], _ list: TemplateValue, _ condition: TemplateExpression?,
    _ body: [TemplateNode]
  ) throws(TemplateError) {
    var items: [TemplateValue]
    switch list {
    case .list(let list): items = list
    case .table(let table): items = table.keys.sorted().map { .string($0) }
    case .string(let text): items = text.map { .string(String($0)) }
    case .undefined: items = []
    default: throw .unsupported("a loop over this type of value")
    }
    names.append([:])
    defer { names.removeLast() }
    if let condition {
      var chosen: [TemplateValue] = []
      for item in items {
        try step()
        try assign(targets, to: item)
        if try value(condition).isTrue { chosen.append(item) }
      }
      items = chosen
    }
    for (index, item) in items.enumerated() {
      try step()
      names[names.count - 1] = [
        "loop": .table([
          "index": .integer(index + 1), "index0": .integer(index), "first": .bool(index == 0),
          "last": .bool(index == items.count - 1), "length": .integer(items.count),
          "revindex": .integer(items.count - index),
          "revindex0": .integer(items.count - index - 1),
          "previtem": index > 0 ? items[index - 1] : .undefined,
          "nextitem": index + 1 < items.count ? items[index + 1] : .undefined,
        ])
      ]
      try assign(targets, to: item)
      try run(body)
    }
  }

  private mutating func assign(
    _ targets: [String], to item: TemplateValue
  ) throws(TemplateError) {
    guard targets.count > 1 else {
      names[names.count - 1][targets[0]] = item
      return
    }
    guard case .list(let parts) = item, parts.count == targets.count else {
      throw .unsupported("a loop over this type of value")
    }
    for (target, part) in zip(targets, parts) { names[names.count - 1][target] = part }
  }

  private mutating func set(
    _ name: String, _ field: String?, _ value: TemplateValue
  ) throws(TemplateError) {
    guard let field else {
      names[names.count - 1][name] = value
      return
    }
    guard case .namespace(let namespace) = look(up: name) else {
      throw .unsupported("setting a field")
    }
    if case .namespace = value { throw .unsupported("nested namespaces") }
    namespace.fields[field] = value
  }

  private func look(up name: String) -> TemplateValue {
    for scope in names.reversed() {
      if let value = scope[name] { return value }
    }
    return .undefined
  }

  // MARK: expressions

  private mutating func value(
    _ expression: TemplateExpression
  ) throws(TemplateError) -> TemplateValue {
    try step()
    switch expression {
    case .value(let value): return value
    case .name(let name): return look(up: name)
    case .list(let items):
      var list: [TemplateValue] = []
      for item in try values(items) { list.append(try item.item()) }
      return .list(list)
    case .table(let items):
      var table: [String: TemplateValue] = [:]
      for (key, item) in items { table[key] = try value(item).item() }
      return .table(table)
    case .field(let of, let name): return try value(of).field(name)
    case .item(let of, let index): return try value(of).item(try value(index))
    case .slice(let of, let from, let to, let by):
      return try slice(try value(of), try whole(from), try whole(to), try whole(by) ?? 1)
    case .call(let function, let arguments, let named):
      var fields: [String: TemplateValue] = [:]
      for (key, argument) in named { fields[key] = try value(argument) }
      return try call(function, try values(arguments), fields)
    case .filter(let of, let name, let arguments):
      return try TemplateFunctions.filter(name, try value(of), try values(arguments))
    case .test(let of, let name, let isNegated):
      return .bool(try TemplateFunctions.test(name, try value(of)) != isNegated)
    case .not(let inner): return .bool(try !value(inner).isTrue)
    case .binary(let sign, let left, let right): return try binary(sign, left, right)
    case .choice(let condition, let first, let second):
      return try value(condition).isTrue ? value(first) : value(second)
    }
  }

  private mutating func values(
    _ expressions: [TemplateExpression]
  ) throws(TemplateError) -> [TemplateValue] {
    var values: [TemplateValue] = []
    for expression in expressions { values.append(try value(expression)) }
    return values
  }

  private mutating func whole(
    _ expression: TemplateExpression?
  ) throws(TemplateError) -> Int? {
    guard let expression else { return nil }
    guard case .integer(let integer) = try value(expression) else {
      throw .unsupported("a slice")
    }
    return integer
  }

  private mutating func binary(
    _ sign: String, _ left: TemplateExpression, _ right: TemplateExpression
  ) throws(TemplateError) -> TemplateValue {
    let first = try value(left)
    if sign == "or" { return first.isTrue ? first : try value(right) }
    if sign == "and" { return first.isTrue ? try value(right) : first }
    let second = try value(right)
    switch (sign, first, second) {
    case ("==", _, _): return .bool(try first.isSame(as: second))
    case ("!=", _, _): return .bool(try !first.isSame(as: second))
    case ("in", _, _): return .bool(try second.contains(first))
    case ("~", _, _): return try joined(try first.text(), try second.text())
    case ("+", .string(let one), .string(let other)): return try joined(one, other)
    case ("+", .list(let one), .list(let other)):
      guard one.count + other.count <= Self.longestList else { throw .tooLong }
      return .list(one + other)
    case (_, .integer(let one), .integer(let other)): return try whole(sign, one, other)
    default: throw .unsupported(sign)
    }
  }

  private func joined(_ one: String, _ other: String) throws(TemplateError) -> TemplateValue {
    guard one.utf8.count + other.utf8.count < Self.longestOutput else { throw .tooLong }
    return .string(one + other)
  }

  private func whole(
    _ sign: String, _ one: Int, _ other: Int
  ) throws(TemplateError) -> TemplateValue {
    let result: (partialValue: Int, overflow: Bool)
    switch sign {
    case "<": return .bool(one < other)
    case ">": return .bool(one > other)
    case "<=": return .bool(one <= other)
    case ">=": return .bool(one >= other)
    case "+": result = one.addingReportingOverflow(other)
    case "-": result = one.subtractingReportingOverflow(other)
    case "*": result = one.multipliedReportingOverflow(by: other)
    case "//" where other > 0 && one >= 0: result = one.dividedReportingOverflow(by: other)
    case "%" where other > 0 && one >= 0:
      result = one.remainderReportingOverflow(dividingBy: other)
    default: throw .unsupported(sign)
    }
    guard !result.overflow else { throw .unsupported(sign) }
    return .integer(result.partialValue)
  }

  private func slice(
    _ value: TemplateValue, _ from: Int?, _ to: Int?, _ by: Int
  ) throws(TemplateError) -> TemplateValue {
    let list: [TemplateValue]
    switch value {
    case .list(let items): list = items
    case .string(let text): list = text.map { .string(String($0)) }
    default: throw .unsupported("a slice")
    }
    func place(_ index: Int) -> Int {
      min(list.count, max(0, index < 0 ? (-index > list.count ? 0 : list.count + index) : index))
    }
    let items: [TemplateValue]
    switch by {
    case 1:
      let (start, end) = (place(from ?? 0), place(to ?? list.count))
      items = start < end ? Array(list[start..<end]) : []
    case -1 where from == nil && to == nil: items = list.reversed()
    default: throw .unsupported("a slice")
    }
    guard case .string = value else { return .list(items) }
    return try TemplateFunctions.joined(items, "")
  }

  private mutating func call(
    _ function: TemplateExpression, _ arguments: [TemplateValue], _ named: [String: TemplateValue]
  ) throws(TemplateError) -> TemplateValue {
    if case .name(let name) = function {
      switch name {
      case "namespace":
        for value in named.values {
          if case .namespace = value { throw .unsupported("nested namespaces") }
        }
        return .namespace(TemplateNamespace(named))
      case "dict":
        for value in named.values { _ = try value.item() }
        return .table(named)
      case "raise_exception": throw .raised(try arguments.first?.text() ?? "")
      case "range":
        guard case .integer(let end)? = arguments.last, arguments.count == 1, (0...10_000) ~= end
        else { throw .unsupported("range") }
        return .list((0..<end).map { .integer($0) })
      default: throw .unsupported("\(name)()")
      }
    }
    guard case .method(let owner, let name) = try value(function) else {
      throw .unsupported("a call")
    }
    return try TemplateFunctions.method(name, of: owner, arguments)
  }
}
