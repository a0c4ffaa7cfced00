/// A style for every role.
public struct Theme: Sendable, Equatable {
  public let name: String
  private let styles: [Role: Style]
  /// Resolved style of every role.
  private let looks: [Role: Style]

  /// - Parameter styles: roles left out look like `Theme.ansi`'s.
  public init(name: String, styles: [Role: Style]) {
    self.name = name
    self.styles = styles
    looks = Dictionary(uniqueKeysWithValues: Role.allCases.map { ($0, Self.look(of: $0, styles)) })
  }

  /// The style of a role. A role without a background has the background of `normal`.
  public subscript(role: Role) -> Style { looks[role] ?? .plain }

  private static func look(of role: Role, _ styles: [Role: Style]) -> Style {
    var style = styles[role] ?? Self.terminalStyles[role] ?? .plain
    let base = styles[.normal] ?? .plain
    if style.background == .standard { style.background = base.background }
    if style.foreground == .standard { style.foreground = base.foreground }
    return style
  }

  /// The theme adapted to a colour depth.
  public func adapted(to depth: ColorDepth) -> Theme {
    let ground = styles[.normal]?.background ?? .standard
    let adapted = Role.allCases.map { ($0, depth.nearest(self[$0], ground: ground)) }
    return Theme(name: name, styles: Dictionary(uniqueKeysWithValues: adapted))
  }

  /// Uses the terminal's default colours, readable on any background.
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
