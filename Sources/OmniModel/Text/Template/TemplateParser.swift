/// The syntax tree of a template expression.
indirect enum TemplateExpression {
  case value(TemplateValue)
  case name(String)
  case list([TemplateExpression])
  case table([String: TemplateExpression])
  case field(TemplateExpression, String)
  case item(TemplateExpression, TemplateExpression)
  case slice(TemplateExpression, TemplateExpression?, TemplateExpression?, TemplateExpression?)
  case call(TemplateExpression, [TemplateExpression], [String: TemplateExpression])
  case filter(TemplateExpression, String, [TemplateExpression])
  case test(TemplateExpression, String, isNegated: Bool)
  case not(TemplateExpression)
  case binary(String, TemplateExpression, TemplateExpression)
  case choice(TemplateExpression, TemplateExpression, TemplateExpression)
}

/// The syntax tree of a template: text, outputs and statements.
indirect enum TemplateNode {
  case text(String)
  case output(TemplateExpression)
  case choice([(condition: TemplateExpression?, body: [TemplateNode])])
  case loop([String], TemplateExpression, TemplateExpression?, [TemplateNode])
  case set(String, field: String?, TemplateExpression)

}

/// Parser of the subset of Jinja that chat templates use.
struct TemplateParser {
  private let pieces: [TemplatePiece]
  private var piece = 0
  private var tokens: [TemplateToken] = []
  private var place = 0
  private var depth = 0

  private static let mostLevels = 64

  static func nodes(_ template: String) throws(TemplateError) -> [TemplateNode] {
    var parser = TemplateParser(pieces: try TemplateLexer.pieces(template))
    let nodes = try parser.body(until: [])
    guard parser.piece == parser.pieces.count else { throw .unsupported("an end without a start") }
    return nodes
  }

  private init(pieces: [TemplatePiece]) { self.pieces = pieces }

  /// Parses nodes up to one of the statements `ends`, which is not consumed.
  private mutating func body(until ends: Set<String>) throws(TemplateError) -> [TemplateNode] {
    depth += 1
    defer { depth -= 1 }
    guard depth < Self.mostLevels else { throw .tooLong }
    var nodes: [TemplateNode] = []
    while piece < pieces.count {
      switch pieces[piece] {
      case .text(let text): nodes.append(.text(text))
      case .output(let words):
        open(words)
        nodes.append(.output(try whole()))
      case .statement(let words):
        guard case .name(let keyword)? = words.first else { throw .unsupported("a statement") }
        if ends.contains(keyword) { return nodes }
        open(words)
        place = 1
        if let node = try statement(keyword) { nodes.append(node) }
      }
      piece += 1
    }
    guard ends.isEmpty else { throw .unsupported("a statement without an end") }
    return nodes
  }

  private mutating func open(_ words: [TemplateToken]) { (tokens, place) = (words, 0) }

  private mutating func statement(_ keyword: String) throws(TemplateError) -> TemplateNode? {
    switch keyword {
    case "if": return try choice()
    case "for": return try loop()
    case "set": return try set()
    case "generation", "endgeneration": return nil
    default: throw .unsupported("{% \(keyword) %}")
    }
  }

  private mutating func choice() throws(TemplateError) -> TemplateNode {
    var branches: [(condition: TemplateExpression?, body: [TemplateNode])] = []
    var condition: TemplateExpression? = try whole()
    while true {
      piece += 1
      branches.append((condition, try body(until: ["elif", "else", "endif"])))
      guard piece < pieces.count, case .statement(let words) = pieces[piece] else {
        throw .unsupported("{% if %} without an end")
      }
      open(words)
      place = 1
      switch words.first {
      case .name("elif"): condition = try whole()
      case .name("else"): condition = nil
      default: return .choice(branches)
      }
    }
  }

  private mutating func loop() throws(TemplateError) -> TemplateNode {
    var names = [try name()]
    while take(",") { names.append(try name()) }
    guard takeName("in") else { throw .unsupported("{% for %}") }
    let list = try either(allowsChoice: false)
    let condition = takeName("if") ? try either() : nil
    guard place == tokens.count else { throw .unsupported("{% for %}") }
    piece += 1
    let inner = try body(until: ["endfor"])
    return .loop(names, list, condition, inner)
  }

  private mutating func set() throws(TemplateError) -> TemplateNode {
    let target = try name()
    let field = take(".") ? try name() : nil
    guard take("=") else { throw .unsupported("{% set %} of a block") }
    return .set(target, field: field, try whole())
  }

  // MARK: expressions, lowest precedence first

  private mutating func whole() throws(TemplateError) -> TemplateExpression {
    let expression = try either()
    guard place == tokens.count else { throw .unsupported("an expression") }
    return expression
  }

  private mutating func either(allowsChoice: Bool = true) throws(TemplateError)
    -> TemplateExpression
  {
    depth += 1
    defer { depth -= 1 }
    guard depth < Self.mostLevels else { throw .tooLong }
    let first = try or()
    guard allowsChoice, takeName("if") else { return first }
    let condition = try or()
    let second = takeName("else") ? try either() : .value(.undefined)
    return .choice(condition, first, second)
  }

  private mutating func or() throws(TemplateError) -> TemplateExpression {
    var left = try and()
    while takeName("or") { left = .binary("or", left, try and()) }
    return left
  }

  private mutating func and() throws(TemplateError) -> TemplateExpression {
    var left = try not()
    while takeName("and") { left = .binary("and", left, try not()) }
    return left
  }

  private mutating func not() throws(TemplateError) -> TemplateExpression {
    var negations = 0
    while takeName("not") { negations += 1 }
    guard negations < Self.mostLevels else { throw .tooLong }
    var expression = try comparison()
    for _ in 0..<negations { expression = .not(expression) }
    return expression
  }

  private mutating func comparison() throws(TemplateError) -> TemplateExpression {
    var left = try sum()
    while true {
      if let sign = ["==", "!=", "<=", ">=", "<", ">"].first(where: { take($0) }) {
        left = .binary(sign, left, try sum())
      } else if takeName("in") {
        left = .binary("in", left, try sum())
      } else if case .name("not")? = peek, place + 1 < tokens.count,
        tokens[place + 1] == .name("in")
      {
        place += 2
        left = .not(.binary("in", left, try sum()))
      } else {
        return left
      }
    }
  }

  private mutating func sum() throws(TemplateError) -> TemplateExpression {
    var left = try product()
    while let sign = ["+", "-", "~"].first(where: { take($0) }) {
      left = .binary(sign, left, try product())
    }
    return left
  }

  private mutating func product() throws(TemplateError) -> TemplateExpression {
    var left = try suffixed()
    while let sign = ["*", "//", "%"].first(where: { take($0) }) {
      left = .binary(sign, left, try suffixed())
    }
    return left
  }

  /// Parses a primary expression with its fields, subscripts, calls, filters and tests.
  private mutating func suffixed() throws(TemplateError) -> TemplateExpression {
    if take("-") {
      guard peek != .sign("-") else { throw .unsupported("- -") }
      return .binary("-", .value(.integer(0)), try suffixed())
    }
    var expression = try primary()
    while true {
      if take(".") {
        expression = .field(expression, try name())
      } else if take("[") {
        expression = try subscripted(expression)
      } else if take("(") {
        let (values, named) = try arguments()
        expression = .call(expression, values, named)
      } else if take("|") {
        let filter = try name()
        expression = .filter(expression, filter, take("(") ? try arguments().0 : [])
      } else if takeName("is") {
        let isNegated = takeName("not")
        expression = .test(expression, try name(), isNegated: isNegated)
      } else {
        return expression
      }
    }
  }

  private mutating func subscripted(
    _ expression: TemplateExpression
  ) throws(TemplateError) -> TemplateExpression {
    var parts: [TemplateExpression?] = [nil]
    while !take("]") {
      if take(":") {
        parts.append(nil)
      } else {
        parts[parts.count - 1] = try either()
      }
      guard place < tokens.count, parts.count <= 3 else { throw .unsupported("a subscript") }
    }
    guard parts.count > 1 else {
      guard let index = parts[0] else { throw .unsupported("a subscript") }
      return .item(expression, index)
    }
    return .slice(expression, parts[0], parts[1], parts.count > 2 ? parts[2] : nil)
  }

  private mutating func arguments() throws(TemplateError)
    -> ([TemplateExpression], [String: TemplateExpression])
  {
    var (values, named): ([TemplateExpression], [String: TemplateExpression]) = ([], [:])
    while !take(")") {
      if case .name(let key)? = peek, place + 1 < tokens.count, tokens[place + 1] == .sign("=") {
        place += 2
        named[key] = try either()
      } else {
        values.append(try either())
      }
      guard take(",") || peek == .sign(")") else { throw .unsupported("a call") }
    }
    return (values, named)
  }

  private mutating func primary() throws(TemplateError) -> TemplateExpression {
    guard let token = peek else { throw .unsupported("an empty expression") }
    place += 1
    switch token {
    case .string(let first):
      var text = first
      while case .string(let more)? = peek {
        text += more
        place += 1
      }
      return .value(.string(text))
    case .integer(let integer): return .value(.integer(integer))
    case .name("true"), .name("True"): return .value(.bool(true))
    case .name("false"), .name("False"): return .value(.bool(false))
    case .name("none"), .name("None"): return .value(.none)
    case .name(let name): return .name(name)
    case .sign("("):
      let inner = try either()
      guard take(")") else { throw .unsupported("a tuple") }
      return inner
    case .sign("["):
      var items: [TemplateExpression] = []
      while !take("]") {
        items.append(try either())
        guard take(",") || peek == .sign("]") else { throw .unsupported("a list") }
      }
      return .list(items)
    case .sign("{"):
      var items: [String: TemplateExpression] = [:]
      while !take("}") {
        guard case .string(let key)? = peek else { throw .unsupported("a table") }
        place += 1
        guard take(":") else { throw .unsupported("a table") }
        items[key] = try either()
        guard take(",") || peek == .sign("}") else { throw .unsupported("a table") }
      }
      return .table(items)
    case .sign(let sign): throw .unsupported(sign)
    }
  }

  // MARK: tokens

  private var peek: TemplateToken? { place < tokens.count ? tokens[place] : nil }

  private mutating func take(_ sign: String) -> Bool {
    guard peek == .sign(sign) else { return false }
    place += 1
    return true
  }

  private mutating func takeName(_ name: String) -> Bool {
    guard peek == .name(name) else { return false }
    place += 1
    return true
  }

  private mutating func name() throws(TemplateError) -> String {
    guard case .name(let name)? = peek else { throw .unsupported("an expression") }
    place += 1
    return name
  }
}
