import Basics

/// Contents of a theme file, `themes/NAME.toml`.
///
///     inherits = "ansi"
///     [palette]
///     ice = "#88c0d0"
///     [roles]
///     video = { fg = "ice", modifiers = ["bold"] }
public struct ThemeFile: Sendable, Equatable {
  /// Name of the theme from which styles are inherited; nil for the built-in one.
  public let inherits: String?
  public let styles: [Role: Style]
  /// The first problems in the file; roles with a problem keep their inherited style.
  public let warnings: [ThemeWarning]

  /// Maximum size of a theme file, in bytes.
  static let sizeLimit = 1 << 16

  /// Parses a theme file. Invalid TOML gives no roles and one warning.
  /// - Parameter file: file name used in warnings.
  public init(_ source: String, file: String) {
    guard source.utf8.count <= Self.sizeLimit else {
      (inherits, styles) = (nil, [:])
      let problem = ThemeWarning.Problem.syntax("more than \(Self.sizeLimit) bytes")
      warnings = [ThemeWarning(file: file, line: 1, problem: problem)]
      return
    }
    do {
      let document = try TOMLDocument(Array(source.utf8))
      var reader = ThemeReader(document, file: file)
      inherits = document.root["inherits"]?.string
      styles = reader.styles()
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
  /// Kinds of problems in a theme file.
  public enum Problem: Sendable, Equatable {
    /// The file is not valid TOML; with the message of the TOML parser.
    case syntax(String)
    case unknownKey(String)
    case unknownRole(String)
    /// The colour of a role is invalid.
    case badColor(String, role: String)
    case unknownModifier(String, role: String)
    /// A role is not a table with the keys `fg`, `bg` and `modifiers`.
    case badRole(String)
    /// There are this many problems more.
    case more(Int)
    /// The file could not be read.
    case unreadable
    case unknownTheme(String)
    /// Themes inherit from each other in a circle; with their names.
    case circle([String])
  }

  public let file: String
  /// Line number, counted from 1.
  public let line: Int
  public let problem: Problem

  public init(file: String, line: Int, problem: Problem) {
    self.file = file
    self.line = line
    self.problem = problem
  }
}

/// Reads the tables of a theme file and collects warnings.
private struct ThemeReader {
  private let document: TOMLDocument
  private let file: String
  private let palette: [String: TOMLValue]
  private(set) var warnings: [ThemeWarning] = []

  init(_ document: TOMLDocument, file: String) {
    self.document = document
    self.file = file
    palette = document.root["palette"]?.table ?? [:]
  }

  mutating func styles() -> [Role: Style] {
    for key in document.root.keys.sorted()
    where !["inherits", "palette", "roles", "name"].contains(key) {
      warn(.unknownKey(key), at: key)
    }
    var styles: [Role: Style] = [:]
    guard let roles = document.root["roles"]?.table else { return styles }
    for key in roles.keys.sorted() {
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

  private mutating func style(_ entry: [String: TOMLValue], role: String) -> Style {
    for key in entry.keys.sorted() where !["fg", "bg", "modifiers"].contains(key) {
      warn(.unknownKey("\(role).\(key)"), at: role)
    }
    var style = Style.plain
    style.foreground = color(entry["fg"], role: role) ?? .standard
    style.background = color(entry["bg"], role: role) ?? .standard
    for name in (entry["modifiers"]?.array ?? []).map({ $0.string ?? "" }) {
      if let known = Modifiers.names.first(where: { $0.name == name }) {
        style.modifiers.insert(known.value)
      } else {
        warn(.unknownModifier(name, role: role), at: role)
      }
    }
    return style
  }

  private mutating func color(_ value: TOMLValue?, role: String) -> Color? {
    guard let value else { return nil }
    if let number = value.integer, let index = UInt8(exactly: number) { return .indexed(index) }
    if let name = value.string {
      if let own = palette[name] { return plainColor(own, role: role) }
      if let color = Color(name) { return color }
    }
    warn(.badColor(value.text ?? value.type, role: role), at: role)
    return nil
  }

  /// Parses a palette entry, which must be a colour and not the name of another entry.
  private mutating func plainColor(_ value: TOMLValue, role: String) -> Color? {
    if let number = value.integer, let index = UInt8(exactly: number) { return .indexed(index) }
    if let name = value.string, let color = Color(name) { return color }
    warn(.badColor(value.text ?? value.type, role: role), at: role)
    return nil
  }

  private mutating func warn(_ problem: ThemeWarning.Problem, at key: String) {
    warnings.append(ThemeWarning(file: file, line: document.line(of: key), problem: problem))
  }
}

extension [ThemeWarning] {
  /// The first `limit` warnings, and the number of the others.
  fileprivate func shortened(to limit: Int = 20) -> [ThemeWarning] {
    guard count > limit else { return self }
    let next = self[limit]
    return prefix(limit) + [
      ThemeWarning(file: next.file, line: next.line, problem: .more(count - limit))
    ]
  }
}
