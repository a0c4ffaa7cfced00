import Traces

extension ErrorMessage {
  static func about(_ error: ExportError) -> String {
    switch error {
    case .notSeats(let method):
      "config.yaml describes SEATS, and this trace is of \(method): export a trace of seats."
    case .settingsNotStated(let keys):
      "This trace does not state \(keys.joined(separator: ", ")), which config.yaml needs: record it "
        + "with these settings."
    case .configuration(let path, let fault): about(fault, in: path)
    }
  }

  private static func about(_ fault: SeatsConfiguration.Fault, in path: String) -> String {
    switch fault {
    case .unreadable: "\(path) cannot be read: give the path of a config.yaml of SEATS."
    case .line(let line, let found):
      "\(path):\(line) is not a line like grid_in_window: 2, but \(found): only a flat list of "
        + "settings is supported."
    case .unknownKey(let key, let line):
      "\(path):\(line) names \(key), which is not a setting of SEATS: remove it or correct its name."
    case .twice(let key, let line):
      "\(path):\(line) sets \(key) a second time: remove one of the two."
    case .value(let key, let found, let expected):
      "In \(path), \(key) is \(found), must be \(expected): correct it."
    }
  }
}
