import Terminal

/// A searched text, and the current match.
struct Search: Sendable, Equatable {
  let text: String
  /// The current match, as a place of its screen.
  var place: Int?

  /// Indices of lines that contain the text, ignoring case.
  static func indices(of text: String, in lines: [String]) -> [Int] {
    let wanted = text.lowercased()
    return lines.indices.filter { lines[$0].lowercased().contains(wanted) }
  }
}

extension App {
  mutating func openSearch() -> [Effect] {
    view.overlay = .search(LineEditor())
    return []
  }

  /// Searches from the cursor; empty text clears the search.
  mutating func enter(search text: String) -> [Effect] {
    view.overlay = nil
    view.search = text.trimmed.isEmpty ? nil : Search(text: text.trimmed)
    guard view.search != nil else { return [] }
    return find(from: view.screen.page.searchPlace(in: self), step: 1)
  }

  /// The next match, or the previous one for −1, cyclically.
  mutating func findAgain(_ step: Int) -> [Effect] {
    guard let search = view.search else { return [] }
    let here = search.place ?? view.screen.page.searchPlace(in: self)
    return find(from: here + step, step: step)
  }

  private mutating func find(from start: Int, step: Int) -> [Effect] {
    guard let text = view.search?.text else { return [] }
    let matches = view.screen.page.matches(of: text, in: self)
    let ahead =
      step > 0 ? matches.firstIndex { $0 >= start } : matches.lastIndex { $0 <= start }
    guard let index = ahead ?? (step > 0 ? matches.indices.first : matches.indices.last) else {
      view.search?.place = nil
      say("no match for “\(text)”", .warning)
      return []
    }
    view.search?.place = matches[index]
    view.screen.page.go(to: matches[index], in: &self)
    say(
      "“\(text)”, \(index + 1) of \(matches.count): \(key(.findNext)) next, \(key(.findBefore)) previous"
    )
    return []
  }
}
