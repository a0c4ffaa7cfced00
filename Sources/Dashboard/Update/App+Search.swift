import Terminal

/// A search text and its current match.
struct Search: Sendable, Equatable {
  let text: String
  /// The current match, as a place of its screen; nil if there is none.
  var place: Int?

  /// Indices of the lines that contain the text, ignoring case.
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

  /// Searches from the cursor on; an empty text clears the search.
  mutating func enter(search text: String) -> [Effect] {
    view.overlay = nil
    view.search = text.trimmed.isEmpty ? nil : Search(text: text.trimmed)
    guard view.search != nil else { return [] }
    return find(from: view.screen.page.searchPlace(in: self), step: 1)
  }

  /// Moves to the next match for a step of 1, to the previous one for −1, and continues at the
  /// other end.
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
