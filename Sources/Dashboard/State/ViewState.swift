import Terminal

/// A message in the status line.
struct Toast: Sendable, Equatable {
  let text: String
  let role: Role
  let until: Duration
}

/// The screens that exist, by the digit that opens them.
enum Screen: Int, Sendable, CaseIterable {
  case layers = 1
  case input = 8
  case log = 9

  var title: String {
    switch self {
    case .layers: "Layers"
    case .input: "Input"
    case .log: "Log"
    }
  }
}

/// What lies above the screen.
enum Overlay: Sendable, Equatable {
  case help(top: Int)
  /// Details of the selected boundary.
  case details
  /// The drop layers being typed.
  case dropLayers(LineEditor)
}

/// What is looked at, and how.
struct ViewState: Sendable, Equatable {
  var size = Size(width: 80, height: 24)
  var screen = Screen.layers
  var overlay: Overlay?
  /// The row looked at; nil follows the engine.
  var inspected: Int?
  /// Lines scrolled up from the end of the log, or down the audit.
  var scroll = 0
  var toast: Toast?
  /// Another ^C quits.
  var isQuitArmed = false
  var now: Duration = .zero

  var context: KeyContext {
    switch overlay {
    case .help: .help
    case .details: .details
    case .dropLayers: .prompt
    case nil: screen == .layers ? .layers : .lines
    }
  }
}
