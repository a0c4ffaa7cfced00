/// A screen of the program, identified by the name of its page.
public struct Screen: Sendable, Hashable {
  /// Type that draws the screen and handles its keys.
  let page: any ScreenPage.Type

  init(_ page: any ScreenPage.Type) {
    self.page = page
  }

  /// Name of the screen in configuration files.
  public var name: String { page.name }
  var title: String { page.title }

  public static func == (one: Screen, other: Screen) -> Bool { one.name == other.name }

  public func hash(into hasher: inout Hasher) { hasher.combine(name) }
}

extension Screen: CustomStringConvertible {
  public var description: String { name }
}

extension Screen {
  /// All screens, in the order of their numbers. To add a screen, add a file and an entry here.
  static let all: [Screen] = [
    .layers, .windows, .tokens, .timing, .compare, .dependency, .sweep, .input, .log, .heads,
  ]

  /// The first screen, to which Escape returns.
  static let home = layers
}
