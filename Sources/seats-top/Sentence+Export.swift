import Profiling

extension Sentence {
  static func about(_ error: ExportError) -> String {
    switch error {
    case .unreadable(let path): "\(path) cannot be read: give the path of a trace."
    case .trace(let path, let fault): about(fault, in: path)
    case .notSeats(let method):
      "config.yaml describes SEATS, and this trace is of \(method): export one made with seats."
    case .configuration(let path, let fault): about(fault, in: path)
    }
  }

  private static func about(_ fault: SeatsConfiguration.Fault, in path: String) -> String {
    switch fault {
    case .unreadable: "\(path) cannot be read: give the path of a config.yaml of SEATS."
    case .line(let line, let found):
      "\(path):\(line) is not a line such as grid_in_window: 2, but \(found): only a flat list of "
        + "settings is read."
    case .unknownKey(let key, let line):
      "\(path):\(line) names \(key), which is no setting of SEATS: remove it or correct its name."
    case .twice(let key, let line):
      "\(path):\(line) sets \(key) a second time: remove one of the two."
    case .value(let key, let found, let expected):
      "In \(path), \(key) is \(found) and should be \(expected): correct it."
    }
  }

  static func about(_ fault: TraceFault, in path: String) -> String {
    let place = "\(path):\(fault.line)"
    return switch fault.problem {
    case .notATrace: "\(path) is not a trace of seats-top: its first line should name the schema."
    case .otherSchema(let found):
      "\(path) is of schema \(found), which is not known here: use a newer seats-top."
    case .notJSON(let reason): "\(place) is not a JSON object (\(reason)): the line is passed over."
    case .missingKey(let key): "\(place) has no \(key), which it needs: the line is passed over."
    case .wrongType(let key):
      "\(place) has a \(key) of another type than it should be: the line is passed over."
    case .badValue(let key, let found, let expected):
      "\(place) has \(key) \(found) and should have \(expected): the line is passed over."
    case .beforeRun(let event):
      "\(place) tells of \(event) before there was a run: the line is passed over."
    case .tooLong(let bytes, let limit):
      "\(place) has \(bytes) bytes and at most \(limit) are read: the line is passed over."
    }
  }
}
