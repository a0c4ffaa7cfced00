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
  var screen = Screen.layers
  var overlay: Overlay?
  /// The row looked at; nil follows the engine.
  var inspected: Int?
  /// Lines scrolled on a screen of lines.
  var scroll = 0
  /// The first row shown of the log; nil follows its end.
  var logTop: Int?
  /// What was looked for last.
  var search: Search?
  var windows = WindowsView()
  var tokens = TokensView()
  var toast: Toast?
  /// Clicks and the wheel reach us instead of the terminal.
  var isMouseOn = false
  /// Another ^C quits.
  var isQuitArmed = false
  var now: Duration = .zero

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
