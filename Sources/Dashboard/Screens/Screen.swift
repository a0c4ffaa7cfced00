/// A screen, identified by the name of its page.
public struct Screen: Sendable, Hashable {
  /// The page of the screen.
  let page: any ScreenPage.Type

  init(_ page: any ScreenPage.Type) {
    self.page = page
  }

  /// The name in configurations.
  public var name: String { page.name }
  var title: String { page.title }

  public static func == (one: Screen, other: Screen) -> Bool { one.name == other.name }

  public func hash(into hasher: inout Hasher) { hasher.combine(name) }
}

extension Screen: CustomStringConvertible {
  public var description: String { name }
}

extension Screen {
  /// All screens in order of their numbers. A new screen is a file and an entry here.
  static let all: [Screen] = [
    .layers, .windows, .tokens, .timing, .compare, .dependency, .sweep, .input, .log,
  ]

  /// The initial screen, to which Escape returns.
  static let home = layers
}
