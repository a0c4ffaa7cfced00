import Terminal

extension ErrorMessage {
  static func about(_ error: DisplayError) -> String {
    switch error {
    case .notATerminal:
      "The screen needs a terminal for input and output: use seats-top report instead."
    case .noTerminalName:
      "TERM is not set: set it to your terminal's name, or use seats-top report."
    case .unusableTerminal(let name):
      "The terminal \(name.debugDescription) cannot place the cursor or is unknown here: "
        + "set TERM=xterm-256color, or use seats-top report."
    }
  }

  static func about(_ warning: ThemeWarning) -> String {
    "\(warning.file):\(warning.line): \(about(warning.problem))"
  }

  private static func about(_ problem: ThemeWarning.Problem) -> String {
    switch problem {
    case .syntax(let reason): "not valid TOML (\(reason)); the theme is left out."
    case .unknownKey(let key): "the key \(key) is not known and ignored."
    case .unknownRole(let role): "the role \(role) is not known and ignored."
    case .badColor(let color, let role):
      "\(color) is no colour for \(role); use #rrggbb, a name or 0 to 255."
    case .unknownModifier(let modifier, let role):
      "the modifier \(modifier) of \(role) is not known and ignored."
    case .badRole(let role): "\(role) should be a table of fg, bg and modifiers."
    case .more(let count): "and \(count) more problems."
    case .unreadable: "the file cannot be read."
    case .unknownTheme(let name): "inherits from \(name), which is not there."
    case .circle(let names): "themes inherit in a circle: \(names.joined(separator: " → "))."
    }
  }
}
