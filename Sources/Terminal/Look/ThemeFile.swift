import SafeTOML
import TOMLKit

/// A theme as it is written in `themes/NAME.toml`.
///
///     inherits = "ansi"
///     [palette]
///     ice = "#88c0d0"
///     [roles]
///     video = { fg = "ice", modifiers = ["bold"] }
public struct ThemeFile: Sendable, Equatable {
  /// The theme it builds on.
  public let inherits: String?
  public let styles: [Role: Style]
  /// What was not understood; the roles concerned keep the look they inherit.
  public let warnings: [ThemeWarning]

  /// Reads the text of a theme file. Only text that is not TOML at all yields no roles.
  /// - Parameter file: the name to put in warnings.
  public init(_ source: String, file: String) {
    do {
      let table = try parseTOML(Array(source.utf8))
      var reader = ThemeReader(source: source, file: file, palette: table["palette"]?.table)
      inherits = table["inherits"]?.string
      styles = reader.styles(of: table)
      warnings = reader.warnings
    } catch {
      (inherits, styles) = (nil, [:])
      let problem = ThemeWarning.Problem.syntax(error.reason)
      warnings = [ThemeWarning(file: file, line: error.line, problem: problem)]
    }
  }
}

/// Something in a theme file that was not understood.
public struct ThemeWarning: Sendable, Equatable {
  public enum Problem: Sendable, Equatable {
    /// Not TOML; the parser's words.
    case syntax(String)
    case unknownKey(String)
    case unknownRole(String)
    /// A value that is no colour, for this role.
    case badColor(String, role: String)
    case unknownModifier(String, role: String)
    /// A role that is not a table of `fg`, `bg` and `modifiers`.
    case badRole(String)
    /// The file could not be read.
    case unreadable
    case unknownTheme(String)
    /// Themes that inherit from each other in a circle.
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

/// Walks a theme's tables and notes what it does not understand.
private struct ThemeReader {
  let lines: [Substring]
  let file: String
  let palette: TOMLTable?
  var warnings: [ThemeWarning] = []

  init(source: String, file: String, palette: TOMLTable?) {
    lines = source.split(separator: "\n", omittingEmptySubsequences: false)
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

  /// A palette entry is a colour itself, never the name of another entry.
  private mutating func plainColor(_ value: TOMLValueConvertible, role: String) -> Color? {
    if let number = value.int, let index = UInt8(exactly: number) { return .indexed(index) }
    if let name = value.string, let color = Color(name) { return color }
    warn(.badColor(value.string ?? "\(value)", role: role), at: role)
    return nil
  }

  private mutating func warn(_ problem: ThemeWarning.Problem, at key: String) {
    // The parser keeps no positions of values: the line where the key stands is looked up.
    let line = lines.firstIndex { line in
      let text = line.drop { $0 == " " || $0 == "\t" }
      return text.hasPrefix(key) && !(text.dropFirst(key.count).first?.isLetter ?? false)
        || text.hasPrefix("[roles.\(key)]") || text.hasPrefix("[\(key)]")
        || text.hasPrefix("\"\(key)\"")
    }
    warnings.append(ThemeWarning(file: file, line: (line ?? 0) + 1, problem: problem))
  }
}
