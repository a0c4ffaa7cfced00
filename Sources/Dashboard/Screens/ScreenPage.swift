import Terminal

/// A screen: drawing, its own key bindings, and its view state.
protocol ScreenPage: Widget, SendableMetatype {
  /// The view state: a cursor, a scroll offset.
  associatedtype View: ScreenView = NoView

  /// The name in configurations; stable.
  static var name: String { get }
  /// One word, for tabs.
  static var title: String { get }
  /// A shorter title for narrow tabs.
  static var shortTitle: String { get }
  /// Help text of the screen's digit.
  static var help: String { get }
  /// Bindings of this screen.
  static var bindings: [AppKeyTable.Binding] { get }
  /// Lines of the screen in the options.
  static var options: [OptionLine] { get }
  /// The boundary shown, moved by the layer cursor; nil for none.
  static var boundary: FollowedBoundary? { get }
  /// Whether it shows the machine's peak, which is measured on first use.
  static var showsPeak: Bool { get }

  init(_ app: App)

  /// Moves the cursor or the view.
  static func move(_ move: Move, in app: inout App)

  /// Handles a click at a cell of the screen drawn into `body`.
  static func click(x: Int, y: Int, body: Rect, in app: inout App)

  /// Places that contain a text, ascending; their meaning is up to the screen.
  static func matches(of text: String, in app: App) -> [Int]

  /// The place of the cursor.
  static func searchPlace(in app: App) -> Int

  /// Moves the cursor, or scrolls, to a place.
  static func go(to place: Int, in app: inout App)

  /// Keeps what its list of steps shows: the layer cursor is about to move.
  static func holdScroll(in app: inout App)

  /// The wheel was turned a notch, towards the end by 1 or back by −1.
  static func wheel(_ step: Int, in app: inout App)
}

/// The boundary shown before the layer cursor is moved.
enum FollowedBoundary: Sendable {
  /// The engine's current step.
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

  static func holdScroll(in app: inout App) {}

  static func wheel(_ step: Int, in app: inout App) { move(step < 0 ? .up : .down, in: &app) }

  /// Bindings that hold on this screen alone.
  /// - Parameter group: the heading of the help.
  static func keys(under group: String = title, _ lines: KeyLine...) -> [AppKeyTable.Binding] {
    AppKeyTable.bindings(group, in: [.screen(Screen(Self.self))], lines)
  }
}
