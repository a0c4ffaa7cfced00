import Terminal

/// One screen: how it is drawn, the keys that mean something of their own there, and what it
/// remembers of how it is looked at.
protocol ScreenPage: Widget, SendableMetatype {
  /// What the user set it to look at: a cursor, a scroll.
  associatedtype View: ScreenView = NoView

  /// As it stands in a configuration; it never changes.
  static var name: String { get }
  /// One word, for tabs.
  static var title: String { get }
  /// A shorter title for narrow tabs.
  static var shortTitle: String { get }
  /// Help text of the screen's digit.
  static var help: String { get }
  /// Bindings of this screen.
  static var bindings: [AppKeyTable.Binding] { get }
  /// Its lines in the options.
  static var options: [OptionLine] { get }
  /// The boundary it looks at, which the layer cursor moves; nil where it looks at none.
  static var boundary: FollowedBoundary? { get }
  /// It compares with what the machine could do, which is measured when somebody looks.
  static var showsPeak: Bool { get }

  init(_ app: App)

  /// Moves the cursor, or what is seen.
  static func move(_ move: Move, in app: inout App)

  /// Handles a click at a cell of the screen drawn into `body`.
  static func click(x: Int, y: Int, body: Rect, in app: inout App)

  /// Places that contain a text, ascending; their meaning is up to the screen.
  static func matches(of text: String, in app: App) -> [Int]

  /// The place of its cursor.
  static func searchPlace(in app: App) -> Int

  /// Moves the cursor, or scrolls, to a place.
  static func go(to place: Int, in app: inout App)

  /// Handles a notch of the wheel: 1 down, −1 up.
  static func wheel(_ step: Int, in app: inout App)
}

/// The boundary looked at where nobody has moved the layer cursor.
enum FollowedBoundary: Sendable {
  /// Where the engine stands.
  case engine
  /// The same, and the last choice once the run is complete: after the head nothing is left to see.
  case lastChoice
}

extension ScreenPage {
  static var shortTitle: String { title }

  static var bindings: [AppKeyTable.Binding] { [] }

  static var options: [OptionLine] { [] }

  static var boundary: FollowedBoundary? { nil }

  static var showsPeak: Bool { false }

  static func move(_ move: Move, in app: inout App) {}

  static func click(x: Int, y: Int, body: Rect, in app: inout App) {}

  static func matches(of text: String, in app: App) -> [Int] { [] }

  static func searchPlace(in app: App) -> Int { 0 }

  static func go(to place: Int, in app: inout App) {}

  static func wheel(_ step: Int, in app: inout App) { move(step < 0 ? .up : .down, in: &app) }

  /// Bindings that hold on this screen alone.
  /// - Parameter group: the heading of the help.
  static func keys(under group: String = title, _ lines: KeyLine...) -> [AppKeyTable.Binding] {
    AppKeyTable.bindings(group, in: [.screen(Screen(Self.self))], lines)
  }
}
