import Basics
import TOMLKit

/// The contents of `themes/NAME.toml`.
///
///     inherits = "ansi"
///     [palette]
///     ice = "#88c0d0"
///     [roles]
///     video = { fg = "ice", modifiers = ["bold"] }
public struct ThemeFile: Sendable, Equatable {
  /// The inherited theme.
  public let inherits: String?
  public let styles: [Role: Style]
  /// The first problems; the roles concerned keep their inherited style.
  public let warnings: [ThemeWarning]

  /// Size limit in bytes.
  static let sizeLimit = 1 << 16

  /// Parses a theme file. Invalid TOML yields no roles and one warning.
  /// - Parameter file: the name used in warnings.
  public init(_ source: String, file: String) {
    guard source.utf8.count <= Self.sizeLimit else {
      (inherits, styles) = (nil, [:])
      let problem = ThemeWarning.Problem.syntax("more than \(Self.sizeLimit) bytes")
      warnings = [ThemeWarning(file: file, line: 1, problem: problem)]
      return
    }
    do {
      let table = try parseTOML(Array(source.utf8))
      var reader = ThemeReader(source: source, file: file, palette: table["palette"]?.table)
      inherits = table["inherits"]?.string
      styles = reader.styles(of: table)
      warnings = reader.warnings.shortened()
    } catch {
      (inherits, styles) = (nil, [:])
      let problem = ThemeWarning.Problem.syntax(error.reason)
      warnings = [ThemeWarning(file: file, line: error.line, problem: problem)]
    }
  }
}

/// A problem in a theme file.
public struct ThemeWarning: Sendable, Equatable {
  /// Kind of problem.
  public enum Problem: Sendable, Equatable {
    /// Invalid TOML, with the parser's message.
    case syntax(String)
    case unknownKey(String)
    case unknownRole(String)
    /// An invalid colour of a role.
    case badColor(String, role: String)
    case unknownModifier(String, role: String)
    /// A role that is not a table of `fg`, `bg` and `modifiers`.
    case badRole(String)
    /// This many more problems.
    case more(Int)
    /// The file could not be read.
    case unreadable
    case unknownTheme(String)
    /// Circular inheritance.
    case circle([String])
  }

  public let file: String
  /// Counted from 1.
  public let line: Int
  public let problem: Problem

  public init(file: String, line: Int, problem: Problem) {
    self.file = file
    self.line = line
    self.problem = problem
  }
}

/// Reads a theme's tables and collects warnings.
private struct ThemeReader {
  private let lines: [Substring: Int]
  let file: String
  let palette: TOMLTable?
  var warnings: [ThemeWarning] = []

  init(source: String, file: String, palette: TOMLTable?) {
    lines = Self.keyLines(source)
    self.file = file
    self.palette = palette
  }

  mutating func styles(of table: TOMLTable) -> [Role: Style] {
    for key in table.keys where !["inherits", "palette", "roles", "name"].contains(key) {
      warn(.unknownKey(key), at: key)
    }
    var styles: [Role: Style] = [:]
    guard let roles = table["roles"]?.table else { return styles }
    for key in roles.keys {
      guard let role = Role(rawValue: key) else {
        warn(.unknownRole(key), at: key)
        continue
      }
      guard let entry = roles[key]?.table else {
        warn(.badRole(key), at: key)
        continue
      }
      styles[role] = style(entry, role: key)
    }
    return styles
  }

  private mutating func style(_ entry: TOMLTable, role: String) -> Style {
    for key in entry.keys where !["fg", "bg", "modifiers"].contains(key) {
      warn(.unknownKey("\(role).\(key)"), at: role)
    }
    var style = Style.plain
    style.foreground = color(entry["fg"], role: role) ?? .standard
    style.background = color(entry["bg"], role: role) ?? .standard
    for index in 0..<(entry["modifiers"]?.array?.count ?? 0) {
      let name = entry["modifiers"]?.array?[index].string ?? ""
      if let known = Modifiers.names.first(where: { $0.name == name }) {
        style.modifiers.insert(known.value)
      } else {
        warn(.unknownModifier(name, role: role), at: role)
      }
    }
    return style
  }

  private mutating func color(_ value: TOMLValueConvertible?, role: String) -> Color? {
    guard let value else { return nil }
    if let number = value.int, let index = UInt8(exactly: number) { return .indexed(index) }
    if let name = value.string {
      if let own = palette?[name] { return plainColor(own, role: role) }
      if let color = Color(name) { return color }
    }
    warn(.badColor(value.string ?? "\(value)", role: role), at: role)
    return nil
  }

  /// Parses a palette entry: a colour, not the name of another entry.
  private mutating func plainColor(_ value: TOMLValueConvertible, role: String) -> Color? {
    if let number = value.int, let index = UInt8(exactly: number) { return .indexed(index) }
    if let name = value.string, let color = Color(name) { return color }
    warn(.badColor(value.string ?? "\(value)", role: role), at: role)
    return nil
  }

  private mutating func warn(_ problem: ThemeWarning.Problem, at key: String) {
    warnings.append(ThemeWarning(file: file, line: lines[key[...]] ?? 1, problem: problem))
  }

  /// First line of each key or table by name. The parser keeps no positions.
  private static func keyLines(_ source: String) -> [Substring: Int] {
    var found: [Substring: Int] = [:]
    let lines = source.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    for (index, line) in lines.enumerated() {
      let text = Substring(line).drop { $0 == " " || $0 == "\t" }
      let opening =
        text.hasPrefix("[roles.") ? 7 : text.hasPrefix("[") || text.hasPrefix("\"") ? 1 : 0
      let key = text.dropFirst(opening).prefix { !" \t\r.=]\"".contains($0) }
      if !key.isEmpty, found[key] == nil { found[key] = index + 1 }
    }
    return found
  }
}

extension [ThemeWarning] {
  /// The first `limit` warnings and a count of the rest.
  fileprivate func shortened(to limit: Int = 20) -> [ThemeWarning] {
    guard count > limit else { return self }
    let next = self[limit]
    return prefix(limit) + [
      ThemeWarning(file: next.file, line: next.line, problem: .more(count - limit))
    ]
  }
}
