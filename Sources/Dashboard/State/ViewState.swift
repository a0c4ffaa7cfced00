import Sessions
import Terminal

/// A message in the status line.
struct Toast: Sendable, Equatable {
  let text: String
  let role: Role
  let until: Duration
}

/// A panel drawn above the screen.
enum Overlay: Sendable, Equatable {
  case help(top: Int)
  /// The details of the selected boundary.
  case details
  /// The form for the plan.
  case plan(PlanForm)
  /// The form for input settings.
  case input(InputForm)
  /// The line editor for a breakpoint.
  case breakpoint(LineEditor)
  /// The line editor for a search.
  case search(LineEditor)
  case options(selected: Int)
  /// The line editor for a question.
  case ask(LineEditor)
  /// A list with a filter line.
  case list(ListOverlay)
}

/// State of the view: open screen, overlays, cursors.
struct ViewState: Sendable, Equatable {
  var size = Size(width: 80, height: 24)
  private(set) var screen = Screen.home
  /// View states of the screens.
  private var screens = ScreenViews()
  var overlay: Overlay?
  /// Index of the selected ledger row; nil follows the engine.
  var inspected: Int?
  /// The last search; nil if there is none.
  var search: Search?
  var toast: Toast?
  /// Matches of the path in the chooser, and the places that can be opened.
  var paths: PathMatches?
  var places: [OpenPlace] = []
  /// Whether mouse reports are on.
  var isMouseOn = false
  /// Whether another ^C quits the program.
  var isQuitArmed = false
  var now: Duration = .zero

  /// View state of a screen.
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
    case .plan, .input, .breakpoint, .search, .ask, .list: .prompt
    case nil: .screen(screen)
    }
  }
}
