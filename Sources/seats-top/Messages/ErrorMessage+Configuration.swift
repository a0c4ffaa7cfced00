import UserConfiguration

extension ErrorMessage {
  static func about(_ error: ConfigurationError) -> String {
    switch error {
    case .unreadable(let file, let reason):
      "The configuration \(file) cannot be read (\(reason)): give --config or SEATS_TOP_CONFIG a "
        + "file that can."
    }
  }

  static func about(_ warning: ConfigurationWarning) -> String {
    "\(warning.file):\(warning.line): \(about(warning.problem))"
  }

  private static func about(_ problem: ConfigurationWarning.Problem) -> String {
    switch problem {
    case .syntax(let reason): "not valid TOML (\(reason)); the configuration is left out."
    case .unknownKey(let key): "the key \(key) is not known and ignored."
    case .badValue(let key, let expected): "\(key) should be \(expected); the default is kept."
    case .unknownAction(let name):
      "there is no action \(name) for a key; seats-top keys lists them."
    case .unknownContext(let name):
      "there is no context \(name) for keys; seats-top keys lists them."
    case .badKeyName(let key, let action):
      "\(key) is no name of a key for \(action), such as n, space, ctrl-l, f2 or pgup."
    case .taken(let key, let from, let context):
      "\(key) did \(from) in \(context) and no longer does; give that another key."
    }
  }
}
