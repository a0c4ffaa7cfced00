import UserConfiguration

extension ErrorMessage {
  static func about(_ error: ConfigurationError) -> String {
    switch error {
    case .unreadable(let file, let reason):
      "The configuration \(file) cannot be read (\(reason)): set --config or SEATS_TOP_CONFIG to a "
        + "readable file."
    }
  }

  static func about(_ warning: ConfigurationWarning) -> String {
    "\(warning.file):\(warning.line): \(about(warning.problem))"
  }

  private static func about(_ problem: ConfigurationWarning.Problem) -> String {
    switch problem {
    case .syntax(let reason): "invalid TOML (\(reason)); the configuration is ignored."
    case .unknownKey(let key): "unknown key \(key), ignored."
    case .badValue(let key, let expected): "\(key) must be \(expected); the default is used."
    case .unknownAction(let name):
      "unknown action \(name); seats-top keys lists them."
    case .unknownContext(let name):
      "unknown context \(name); seats-top keys lists them."
    case .badKeyName(let key, let action):
      "\(key) is not a key name for \(action), such as n, space, ctrl-l, f2 or pgup."
    case .taken(let key, let from, let context):
      "\(key) was bound to \(from) in \(context); give that action another key."
    }
  }
}
