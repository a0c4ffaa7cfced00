import Evaluations
import Runs
import Sessions
import Terminal

extension App {
  /// Opens the chooser with samples and recent files.
  mutating func openChooser() -> [Effect] {
    view.paths = nil
    return open(.chooser) + [.send(.findPaths(""))]
  }

  /// Shows files that were found.
  mutating func take(_ paths: PathMatches) {
    if paths.typed.isEmpty { view.places = paths.places } else { view.paths = paths }
  }

  /// Lines of the chooser without a path.
  var placeItems: [ListItem] { view.places.map { item($0, name: Self.short($0.path)) } }

  /// Lines of the chooser for a typed path.
  func pathItems(_ text: String) -> [ListItem] {
    matches(of: text).map { item($0, name: PathMatches.text($0)) }
  }

  /// Known matches of a typed path; those of a shorter text serve until the new ones arrive.
  private func matches(of text: String) -> [OpenPlace] {
    (view.paths?.places ?? []).filter { PathMatches.text($0).hasPrefix(text) }
  }

  private func item(_ place: OpenPlace, name: String) -> ListItem {
    let problem = problem(place)
    let isOpen = run.subject?.clip.source == place.path
    var note = StyledLine(problem ?? place.path, problem == nil ? .faint : .warning)
    if place.kind == .folder { note = StyledLine("Enter or Tab goes into it", .faint) }
    var line = StyledLine(name, isOpen ? .strong : .normal)
    if !place.group.isEmpty { line.append("  \(place.group)", .faint) }
    if isOpen { line.append("  open", .good) }
    return ListItem(
      label: place.kind.label, text: line, note: note,
      words: "\(place.kind.label) \(place.group) \(place.path)",
      isAvailable: problem == nil && place.kind != .folder, path: place.path
    ) { app in
      guard let problem else { return app.open(place) }
      app.say(problem, .warning)
      return []
    }
  }

  /// The reason why a place cannot be opened now; nil if it can be.
  private func problem(_ place: OpenPlace) -> String? {
    run.isLoading ? "still loading" : nil
  }

  private mutating func open(_ place: OpenPlace) -> [Effect] {
    switch place.kind {
    case .folder: return descend(place)
    case .questions:
      say("reading \(place.path)")
      return [.send(.readQuestions(place.path))]
    case .trace:
      say("opening \(Self.short(place.path))")
      return [.send(.replay(place.path))]
    case .clip, .conversation, .model:
      var target = RunTarget(nil)
      switch place.kind {
      case .conversation: target.media = .messages(place.path)
      case .model: target.model = place.path
      default: target.media = .clip(place.path)
      }
      say("opening \(Self.short(place.path))")
      return [.send(.open(target))]
    }
  }

  /// Goes into a directory: its path is the new text of the chooser.
  private mutating func descend(_ place: OpenPlace) -> [Effect] {
    guard case .list(var list)? = view.overlay else { return [] }
    list.replace(with: PathMatches.text(place))
    view.overlay = .list(list)
    return lookUp(list)
  }

  /// Completes the path of the chooser as far as all matches agree; with one match left, or if
  /// nothing can be added, takes the selected line.
  mutating func completePath(_ list: ListOverlay) -> [Effect] {
    var list = list
    let text = list.editor.text
    let isPath = PathMatches.isPath(text)
    let shown = items(in: list)
    guard isPath || shown.indices.contains(list.selected) else { return [] }
    let places = isPath ? matches(of: text) : []
    let chosen =
      places.indices.contains(list.selected) ? PathMatches.text(places[list.selected]) : nil
    let agreed = PathMatches(text, places).completion
    list.replace(with: isPath ? agreed ?? chosen ?? text : shown[list.selected].path ?? text)
    view.overlay = .list(list)
    return lookUp(list)
  }

  /// Shows the questions of a file; they become the list of questions.
  mutating func show(_ file: PlacedQuestions) {
    let entries = file.questions.map { question in
      var target = RunTarget(question.place, asked: question.asked)
      target.input = question.input
      target.runsToAnswer = true
      return QuestionList.Entry(
        asked: question.asked ?? AskedQuestion(""), target: target, name: "\(question.name):")
    }
    questions.offer(entries)
    view.toast = nil
    if view.overlay == nil { view.overlay = .list(ListOverlay(.questions)) }
  }

  static func short(_ path: String) -> String {
    path.split(separator: "/").suffix(2).joined(separator: "/")
  }
}

extension OpenPlace.Kind {
  /// Word for lists, at most eight letters.
  var label: String {
    switch self {
    case .clip: "clip"
    case .conversation: "messages"
    case .model: "model"
    case .trace: "trace"
    case .questions: "tasks"
    case .folder: "folder"
    }
  }
}
