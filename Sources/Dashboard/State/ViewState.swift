import Terminal

/// A message in the status line.
struct Toast: Sendable, Equatable {
  let text: String
  let role: Role
  let until: Duration
}

/// An overlay above the screen.
enum Overlay: Sendable, Equatable {
  case help(top: Int)
  /// Details of the selected boundary.
  case details
  /// The plan form.
  case plan(PlanForm)
  /// The input form.
  case input(InputForm)
  /// The breakpoint prompt.
  case breakpoint(LineEditor)
  /// The search prompt.
  case search(LineEditor)
  case options(selected: Int)
}

/// The view state.
struct ViewState: Sendable, Equatable {
  var size = Size(width: 80, height: 24)
  private(set) var screen = Screen.home
  /// What each screen is set to look at.
  private var screens = ScreenViews()
  var overlay: Overlay?
  /// The selected row; nil: follows the engine.
  var inspected: Int?
  /// The last search.
  var search: Search?
  var toast: Toast?
  /// Whether mouse reports are on.
  var isMouseOn = false
  /// Whether another ^C quits.
  var isQuitArmed = false
  var now: Duration = .zero

  /// The view state of a screen.
  subscript<Page: ScreenPage>(page: Page.Type) -> Page.View {
    get { screens[page] }
    set { screens[page] = newValue }
  }

  mutating func open(_ screen: Screen) {
    self.screen = screen
    reopen(screen.page)
  }

  private mutating func reopen<Page: ScreenPage>(_ page: Page.Type) { self[page].reopen() }

  var context: KeyContext {
    switch overlay {
    case .help: .help
    case .details: .details
    case .options: .options
    case .plan, .input, .breakpoint, .search: .prompt
    case nil: .screen(screen)
    }
  }
}
