import Runs
import Terminal

/// The implementation of a screen: drawing, key bindings and view state.
protocol ScreenPage: Widget, SendableMetatype {
  /// View state of the screen, such as a cursor or a scroll offset.
  associatedtype View: ScreenView = NoView

  /// Name of the screen in configuration files; it must not change.
  static var name: String { get }
  /// Title of the screen in its tab, one word.
  static var title: String { get }
  /// Shorter title of the screen for narrow tabs.
  static var shortTitle: String { get }
  /// Help text of the key that opens the screen.
  static var help: String { get }
  /// Key bindings of the screen.
  static var bindings: [AppKeyTable.Binding] { get }
  /// Options of the screen in the options panel.
  static var options: [OptionLine] { get }
  /// The boundary that the screen shows until the layer cursor is moved; nil for screens without
  /// one.
  static var boundary: FollowedBoundary? { get }
  /// Whether the screen shows the machine's peak rate, which is measured when it is first needed.
  static var showsPeak: Bool { get }
  /// Keys that open the screen, beside its number.
  static var openingKeys: [Key] { get }

  init(_ app: App)

  /// Moves the cursor or the view of the screen.
  static func move(_ move: Move, in app: inout App)

  /// Handles a click at a cell of the screen, which is drawn into `body`.
  static func click(x: Int, y: Int, body: Rect, in app: inout App)

  /// Places that contain a text, ascending. A place is an index that only the screen interprets.
  static func matches(of text: String, in app: App) -> [Int]

  /// The place of the cursor, from which a search starts.
  static func searchPlace(in app: App) -> Int

  /// Moves the cursor, or scrolls, to a place.
  static func go(to place: Int, in app: inout App)

  /// Called before the layer cursor moves: keeps the scroll position of the screen's list of steps.
  static func holdScroll(in app: inout App)

  /// The scores of tokens that the screen shows; nil for none.
  static func scores(in app: App) -> TokenScoreRequest?

  /// Handles one step of the mouse wheel: 1 towards the end, −1 back.
  static func wheel(_ step: Int, in app: inout App)
}

/// The boundary that a screen shows until the layer cursor is moved.
enum FollowedBoundary: Sendable {
  /// The boundary of the engine's current step.
  case engine
  /// The engine's boundary while it runs, and the last drop once the run is complete, because no
  /// tokens are left to show after the head.
  case lastChoice
}

extension ScreenPage {
  static var shortTitle: String { title }

  static var bindings: [AppKeyTable.Binding] { [] }

  static var options: [OptionLine] { [] }

  static var boundary: FollowedBoundary? { nil }

  static var showsPeak: Bool { false }

  static var openingKeys: [Key] { [] }

  static func scores(in app: App) -> TokenScoreRequest? { nil }

  static func move(_ move: Move, in app: inout App) {}

  static func click(x: Int, y: Int, body: Rect, in app: inout App) {}

  static func matches(of text: String, in app: App) -> [Int] { [] }

  static func searchPlace(in app: App) -> Int { 0 }

  static func go(to place: Int, in app: inout App) {}

  static func holdScroll(in app: inout App) {}

  static func wheel(_ step: Int, in app: inout App) { move(step < 0 ? .up : .down, in: &app) }

  /// Key bindings that are active on this screen only.
  /// - Parameter group: heading on the help screen.
  static func keys(under group: String = title, _ lines: KeyLine...) -> [AppKeyTable.Binding] {
    AppKeyTable.bindings(group, in: [.screen(Screen(Self.self))], lines)
  }
}
