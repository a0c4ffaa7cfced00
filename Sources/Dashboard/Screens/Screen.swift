/// A screen by its page. Two are the same where they have the same name.
public struct Screen: Sendable, Hashable {
  /// The page of the screen.
  let page: any ScreenPage.Type

  init(_ page: any ScreenPage.Type) {
    self.page = page
  }

  /// As it stands in a configuration.
  public var name: String { page.name }
  var title: String { page.title }

  public static func == (one: Screen, other: Screen) -> Bool { one.name == other.name }

  public func hash(into hasher: inout Hasher) { hasher.combine(name) }
}

extension Screen: CustomStringConvertible {
  public var description: String { name }
}

extension Screen {
  /// The screens that exist, in the order of their numbers. A new one is a file and its place here.
  static let all: [Screen] = [
    .layers, .windows, .tokens, .timing, .compare, .dependency, .sweep, .input, .log,
  ]

  /// The screen at the start, to which Escape goes back.
  static let home = layers
}
