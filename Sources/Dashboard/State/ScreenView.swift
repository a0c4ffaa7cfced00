/// View state of a screen.
protocol ScreenView: Sendable, Equatable {
  /// The initial view state.
  init()

  /// Resets the state when the clip is opened again.
  mutating func reopen()
}

extension ScreenView {
  mutating func reopen() {}

  fileprivate func isEqual(to other: (any ScreenView)?) -> Bool { self == other as? Self }
}

/// View state of a screen that needs none.
struct NoView: ScreenView {}

/// Number of lines scrolled, from the beginning whenever the screen is opened.
struct ScrolledView: ScreenView {
  var top = 0

  mutating func reopen() { top = 0 }

  /// Scrolls by some lines, at most to `last`.
  mutating func move(by distance: Int, last: Int) {
    top = min(max(0, last), max(0, top + distance))
  }
}

/// View states of all screens, by page type.
struct ScreenViews: Sendable, Equatable {
  private var values: [ObjectIdentifier: any ScreenView] = [:]

  subscript<Page: ScreenPage>(page: Page.Type) -> Page.View {
    get { values[ObjectIdentifier(page)] as? Page.View ?? Page.View() }
    set { values[ObjectIdentifier(page)] = newValue }
  }

  static func == (one: ScreenViews, other: ScreenViews) -> Bool {
    one.values.count == other.values.count
      && one.values.allSatisfy { $1.isEqual(to: other.values[$0]) }
  }
}
