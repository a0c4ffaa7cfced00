/// A part of a template's source: text, output or statement.
enum TemplatePiece: Equatable {
  case text(String)
  /// An output expression: `{{ … }}`.
  case output([TemplateToken])
  /// A statement: `{% … %}`.
  case statement([TemplateToken])
}

/// A token of a template expression.
enum TemplateToken: Equatable {
  case name(String)
  case string(String)
  case integer(Int)
  case sign(String)
}

/// Splits a Jinja template into text and expressions, with trim_blocks (removes a line break after
/// a statement) and lstrip_blocks (removes white space before a statement at the start of a line).
struct TemplateLexer {
  private let source: [Character]
  private var place = 0
  private var pieces: [TemplatePiece] = []
  /// Whether the current text starts at the beginning of a line.
  private var startsLine = true

  static func pieces(_ template: String) throws(TemplateError) -> [TemplatePiece] {
    var source = Array(template.replacing("\r\n", with: "\n"))
    if source.last == "\n" { source.removeLast() }
    var lexer = TemplateLexer(source: source)
    try lexer.run()
    return lexer.pieces
  }

  private init(source: [Character]) { self.source = source }

  private mutating func run() throws(TemplateError) {
    var text: [Character] = []
    var trimsNext = false
    func flush(_ text: inout [Character], _ pieces: inout [TemplatePiece]) {
      if !text.isEmpty { pieces.append(.text(String(text))) }
      text = []
    }
    while place < source.count {
      guard let kind = opening else {
        if !(trimsNext && source[place].isWhitespace) {
          trimsNext = false
          text.append(source[place])
        }
        place += 1
        continue
      }
      trimsNext = false
      place += 2
      let sign = place < source.count ? source[place] : " "
      let (strips, keeps) = (sign == "-", sign == "+")
      if strips || keeps { place += 1 }
      if strips {
        while text.last?.isWhitespace == true { text.removeLast() }
      } else if kind != "{", !keeps {
        stripLine(&text)
      }
      flush(&text, &pieces)
      let tokens = try words(until: kind)
      trimsNext = source[place - 3] == "-"
      startsLine = false
      if !trimsNext, kind != "{", place < source.count, source[place] == "\n" {
        place += 1
        startsLine = true
      }
      switch kind {
      case "{": pieces.append(.output(tokens))
      case "%": pieces.append(.statement(tokens))
      default: break
      }
    }
    flush(&text, &pieces)
  }

  /// The character `{`, `%` or `#` that starts an output, statement or comment.
  private var opening: Character? {
    guard source[place] == "{", place + 1 < source.count else { return nil }
    let next = source[place + 1]
    return next == "{" || next == "%" || next == "#" ? next : nil
  }

  /// Removes white space before a statement at the start of a line.
  private func stripLine(_ text: inout [Character]) {
    let blanks = text.reversed().prefix { $0 == " " || $0 == "\t" }.count
    let rest = text.dropLast(blanks)
    let beginsLine = rest.last == "\n" || (rest.isEmpty && startsLine)
    if beginsLine { text.removeLast(blanks) }
  }

  /// Reads tokens up to the end of the expression, which is consumed.
  private mutating func words(until kind: Character) throws(TemplateError) -> [TemplateToken] {
    let end: Character = kind == "{" ? "}" : kind
    var tokens: [TemplateToken] = []
    while place + 1 < source.count {
      let here = source[place]
      let isMinus =
        here == "-" && source[place + 1] == end && place + 2 < source.count
        && source[place + 2] == "}"
      if (here == end && source[place + 1] == "}") || isMinus {
        place += isMinus ? 3 : 2
        return tokens
      }
      if kind == "#" || here.isWhitespace {
        place += 1
      } else {
        tokens.append(try word())
      }
    }
    throw .unsupported("an expression without an end")
  }

  private static let signs = ["==", "!=", "<=", ">=", "//", "**"]

  private mutating func word() throws(TemplateError) -> TemplateToken {
    let here = source[place]
    if here == "'" || here == "\"" { return .string(try quoted(here)) }
    if here.isLetter || here == "_" {
      return .name(run { $0.isLetter || $0.isNumber || $0 == "_" })
    }
    if here.isNumber {
      let digits = run { $0.isNumber }
      guard let integer = Int(digits), place >= source.count || source[place] != "." else {
        throw .unsupported("the number \(digits)")
      }
      return .integer(integer)
    }
    let two = String(source[place..<min(place + 2, source.count)])
    let sign = Self.signs.contains(two) ? two : String(here)
    place += sign.count
    return .sign(sign)
  }

  private mutating func run(_ fits: (Character) -> Bool) -> String {
    let start = place
    while place < source.count, fits(source[place]) { place += 1 }
    return String(source[start..<place])
  }

  private mutating func quoted(_ quote: Character) throws(TemplateError) -> String {
    var text = ""
    place += 1
    while place < source.count, source[place] != quote {
      if source[place] == "\\", place + 1 < source.count {
        place += 1
        let escapes: [Character: Character] = ["n": "\n", "t": "\t", "r": "\r"]
        text.append(escapes[source[place]] ?? source[place])
      } else {
        text.append(source[place])
      }
      place += 1
    }
    guard place < source.count else { throw .unsupported("a string without an end") }
    place += 1
    return text
  }
}
