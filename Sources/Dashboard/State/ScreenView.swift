/// The view state of a screen.
protocol ScreenView: Sendable, Equatable {
  /// The initial state.
  init()

  /// Resets on reopening.
  mutating func reopen()
}

extension ScreenView {
  mutating func reopen() {}

  fileprivate func isEqual(to other: (any ScreenView)?) -> Bool { self == other as? Self }
}

/// The view state of a screen without any.
struct NoView: ScreenView {}

/// Lines scrolled past, from the beginning whenever the screen is opened.
struct ScrolledView: ScreenView {
  var top = 0

  mutating func reopen() { top = 0 }

  /// Scrolls by a move, as far as a line.
  mutating func move(by distance: Int, last: Int) {
    top = min(max(0, last), max(0, top + distance))
  }
}

/// The views of all screens, each by its page.
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
