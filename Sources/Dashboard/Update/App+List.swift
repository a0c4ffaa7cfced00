import Sessions
import Terminal

extension App {
  /// Opens a list with an empty filter line.
  mutating func open(_ kind: ListOverlay.Kind, selected: Int = 0) -> [Effect] {
    view.overlay = .list(ListOverlay(kind, selected: selected))
    return []
  }

  /// All lines of a list.
  func items(of kind: ListOverlay.Kind) -> [ListItem] {
    switch kind {
    case .palette: paletteItems
    case .questions: questionItems
    case .flips: flipItems
    case .chooser: placeItems
    }
  }

  /// The lines that the filter leaves.
  func items(in list: ListOverlay) -> [ListItem] {
    let text = list.editor.text
    if list.kind == .chooser, PathMatches.isPath(text) { return pathItems(text) }
    return items(of: list.kind).filtered(by: text)
  }

  /// Handles a key in an open list.
  /// - Returns: nil if the key has no meaning there.
  mutating func type(_ key: Key, in list: ListOverlay) -> [Effect]? {
    let shown = items(in: list)
    if key == .enter {
      guard shown.indices.contains(list.selected) else { return [] }
      let item = shown[list.selected]
      if item.isAvailable { view.overlay = nil }
      return item.act(&self)
    }
    if key == .tab, list.kind == .chooser { return completePath(list) }
    let before = list.editor.text
    var list = list
    guard list.handle(key, count: shown.count, page: pageLength) else { return nil }
    view.overlay = .list(list)
    return list.editor.text == before ? [] : lookUp(list)
  }

  /// Requests the matches of a path that is typed in the chooser.
  func lookUp(_ list: ListOverlay) -> [Effect] {
    let text = list.editor.text
    guard list.kind == .chooser, PathMatches.isPath(text) else { return [] }
    return [.send(.findPaths(text))]
  }

  /// Title of a list, and the word for Enter in the hint bar.
  func title(of kind: ListOverlay.Kind) -> (title: String, enter: String) {
    switch kind {
    case .palette: ("Find an action, screen, option or theme", "do")
    case .questions: ("Questions", "ask")
    case .flips: ("Answers that differ", "open")
    case .chooser: ("Open: words, or a path (Tab completes it)", "open")
    }
  }
}
