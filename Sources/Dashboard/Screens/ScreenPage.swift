import Terminal

/// One screen: how it is drawn, and the keys that mean something of their own there.
protocol ScreenPage: Widget {
  /// One word, for the tabs.
  static var title: String { get }
  /// The same where tabs are cramped.
  static var shortTitle: String { get }
  /// What the help says the screen's digit opens.
  static var help: String { get }
  /// Keys of this screen alone.
  static var keys: [AppKeyTable.Binding] { get }

  init(_ app: App)

  /// Carries out an action that means something of its own here; nil leaves it to the app.
  static func act(_ action: AppAction, in app: inout App) -> [Effect]?

  /// A click at a cell of the screen, which was drawn into `body`.
  static func click(x: Int, y: Int, body: Rect, in app: inout App)

  /// Places of the screen that say a text, ascending; the screen chooses what a place is.
  static func matches(of text: String, in app: App) -> [Int]

  /// The place of its cursor.
  static func searchPlace(in app: App) -> Int

  /// Moves the cursor, or what is seen, to a place.
  static func go(to place: Int, in app: inout App)

  /// The wheel was turned a notch, towards the end by 1 or back by −1.
  static func wheel(_ step: Int, in app: inout App) -> [Effect]
}

extension ScreenPage {
  static var shortTitle: String { title }

  static var keys: [AppKeyTable.Binding] { [] }

  static func act(_ action: AppAction, in app: inout App) -> [Effect]? { nil }

  static func click(x: Int, y: Int, body: Rect, in app: inout App) {}

  static func matches(of text: String, in app: App) -> [Int] { [] }

  static func searchPlace(in app: App) -> Int { 0 }

  static func go(to place: Int, in app: inout App) {}

  static func wheel(_ step: Int, in app: inout App) -> [Effect] {
    act(step < 0 ? .up : .down, in: &app) ?? []
  }
}

extension AppAction {
  /// How far a moving key goes: a line, a page, or beyond either end; nil for other actions.
  func distance(page: Int) -> Int? {
    switch self {
    case .up: -1
    case .down: 1
    case .pageUp: -page
    case .pageDown: page
    case .top: -100_000
    case .bottom: 100_000
    default: nil
    }
  }
}

extension App {
  /// Lines a page key moves.
  var pageLength: Int { max(1, view.size.height / 2) }

  /// Scrolls a screen of `lines` lines; nil where the action moves nothing.
  mutating func scroll(_ action: AppAction, lines: Int) -> [Effect]? {
    guard let distance = action.distance(page: pageLength) else { return nil }
    view.scroll = min(max(0, lines - 1), max(0, view.scroll + distance))
    return []
  }
}
