import Terminal

extension ErrorMessage {
  static func about(_ error: DisplayError) -> String {
    switch error {
    case .notATerminal:
      "The screen needs a terminal for input and output: use seats-top report instead."
    case .noTerminalName:
      "TERM is not set: set it to your terminal's name, or use seats-top report."
    case .unusableTerminal(let name):
      "The terminal \(name.debugDescription) is unknown or cannot position the cursor: "
        + "set TERM=xterm-256color, or use seats-top report."
    }
  }

  static func about(_ warning: ThemeWarning) -> String {
    "\(warning.file):\(warning.line): \(about(warning.problem))"
  }

  private static func about(_ problem: ThemeWarning.Problem) -> String {
    switch problem {
    case .syntax(let reason): "invalid TOML (\(reason)); the theme is ignored."
    case .unknownKey(let key): "unknown key \(key), ignored."
    case .unknownRole(let role): "unknown role \(role), ignored."
    case .badColor(let color, let role):
      "\(color) is not a colour for \(role); use #rrggbb, a name or 0 to 255."
    case .unknownModifier(let modifier, let role):
      "unknown modifier \(modifier) of \(role), ignored."
    case .badRole(let role): "\(role) must be a table of fg, bg and modifiers."
    case .more(let count): "and \(count) more problems."
    case .unreadable: "the file cannot be read."
    case .unknownTheme(let name): "inherits from \(name), which does not exist."
    case .circle(let names): "themes inherit cyclically: \(names.joined(separator: " → "))."
    }
  }
}
