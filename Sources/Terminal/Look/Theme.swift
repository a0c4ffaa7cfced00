/// A theme: a style for every role.
public struct Theme: Sendable, Equatable {
  public let name: String
  private let styles: [Role: Style]
  /// Style of every role, with inherited values.
  private let looks: [Role: Style]

  /// A theme with these styles.
  /// - Parameter styles: styles by role; missing roles have those of `Theme.ansi`.
  public init(name: String, styles: [Role: Style]) {
    self.name = name
    self.styles = styles
    looks = Dictionary(uniqueKeysWithValues: Role.allCases.map { ($0, Self.look(of: $0, styles)) })
  }

  /// Style of a role. If it has no background, it has the background of the role `normal`.
  public subscript(role: Role) -> Style { looks[role] ?? .plain }

  private static func look(of role: Role, _ styles: [Role: Style]) -> Style {
    var style = styles[role] ?? Self.terminalStyles[role] ?? .plain
    let base = styles[.normal] ?? .plain
    if style.background == .standard { style.background = base.background }
    if style.foreground == .standard { style.foreground = base.foreground }
    return style
  }

  /// The theme with colours that a terminal of this depth has.
  public func adapted(to depth: ColorDepth) -> Theme {
    let ground = styles[.normal]?.background ?? .standard
    let adapted = Role.allCases.map { ($0, depth.nearest(self[$0], ground: ground)) }
    return Theme(name: name, styles: Dictionary(uniqueKeysWithValues: adapted))
  }

  /// The built-in theme. It uses the terminal's default colours, so it is readable on any
  /// background.
  public static let ansi = Theme(name: "ansi", styles: terminalStyles)

  private static let terminalStyles: [Role: Style] = [
    .strong: Style(modifiers: .bold),
    .title: Style(modifiers: .bold),
    .header: Style(modifiers: .reversed),
    .selection: Style(modifiers: .reversed),
    .text: Style(modifiers: .bold),
    .video: Style(foreground: .indexed(6)),
    .audio: Style(foreground: .indexed(5)),
    .current: Style(foreground: .indexed(2), modifiers: .bold),
    .good: Style(foreground: .indexed(2), modifiers: .bold),
    .warning: Style(modifiers: [.bold, .underlined]),
    .error: Style(foreground: .indexed(1), modifiers: .bold),
    .key: Style(modifiers: .bold),
  ]
}
