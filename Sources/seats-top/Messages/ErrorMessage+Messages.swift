import Runs

extension ErrorMessage {
  static func about(_ error: MessagesError) -> String {
    switch error {
    case .unreadable(let file, let reason):
      "\(file) cannot be read (\(reason)): give --messages a JSON file of at most 16 MiB."
    case .fault(let file, let place, let fault): words(fault, file: file, place: place)
    }
  }

  private static func words(_ fault: MessagesFault, file: String, place: String) -> String {
    switch fault {
    case .syntax(let reason): "\(file) is not valid JSON (\(reason)): correct it."
    case .value(let expected, let found):
      "In \(file), \(place) must be \(expected), not \(found)."
    case .unknownKey(let known):
      "In \(file), \(place) is an unknown key: valid keys are "
        + known.joined(separator: ", ") + "."
    case .notFollowed(let instead):
      "In \(file), \(place) is not supported: \(instead) and leave the key out."
    case .both(let one, let other):
      "In \(file), \(place) is a second path: give one of \(one) and \(other)."
    case .notAPath(let text):
      "In \(file), \(place) is a URL or embedded data (\(text.prefix(60))): "
        + "only local files are supported: save it and give the file."
    case .setting(let fault): "In \(file), \(place): \(fault.words)."
    case .holdsNone(let kind, let path, let holds):
      "In \(file), \(place) is of type \(kind), but \(path) has \(holds.isEmpty ? "none" : holds): "
        + "give another file or correct the type."
    case .noMessages: "In \(file), \(place) is empty: write at least one message."
    }
  }
}
