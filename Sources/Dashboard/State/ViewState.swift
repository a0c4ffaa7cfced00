import Terminal

/// A message in the status line.
struct Toast: Sendable, Equatable {
  let text: String
  let role: Role
  let until: Duration
}

/// What lies above the screen.
enum Overlay: Sendable, Equatable {
  case help(top: Int)
  /// Details of the selected boundary.
  case details
  /// The plan being edited.
  case plan(PlanForm)
  /// The settings of the input being edited.
  case input(InputForm)
  /// A breakpoint being typed.
  case breakpoint(LineEditor)
  /// A text to look for being typed.
  case search(LineEditor)
  case options(selected: Int)
}

/// What is looked at, and how.
struct ViewState: Sendable, Equatable {
  var size = Size(width: 80, height: 24)
  private(set) var screen = Screen.home
  /// What each screen is set to look at.
  private var screens = ScreenViews()
  var overlay: Overlay?
  /// The row looked at; nil follows the engine.
  var inspected: Int?
  /// What was looked for last.
  var search: Search?
  var toast: Toast?
  /// Clicks and the wheel reach us instead of the terminal.
  var isMouseOn = false
  /// Another ^C quits.
  var isQuitArmed = false
  var now: Duration = .zero

  /// What a screen is set to look at.
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
