import Terminal

/// An open list with a filter line: the palette, the questions, or others.
struct ListOverlay: Sendable, Equatable {
  /// What the list shows.
  enum Kind: Sendable, Equatable {
    /// Every action, screen, option and theme.
    case palette
    /// The questions that were asked, or that a task file has.
    case questions
    /// The questions that results answer differently.
    case flips
    /// Clips, models, traces and task files to open.
    case chooser
  }

  let kind: Kind
  /// The filter line.
  private(set) var editor = LineEditor()
  /// Index of the selected line among those that are shown.
  private(set) var selected = 0

  init(_ kind: Kind, selected: Int = 0) {
    self.kind = kind
    self.selected = selected
  }

  /// Handles a key.
  /// - Parameters:
  ///   - count: number of lines that are shown.
  ///   - page: number of lines that a page key moves.
  /// - Returns: false if the key has no meaning in a list.
  mutating func handle(_ key: Key, count: Int, page: Int) -> Bool {
    switch key {
    case .up, .control("p"): select(selected - 1, of: count)
    case .down, .control("n"): select(selected + 1, of: count)
    case .pageUp: select(selected - page, of: count)
    case .pageDown: select(selected + page, of: count)
    default:
      let before = editor.text
      guard editor.handle(key) else { return false }
      if editor.text != before { selected = 0 }
    }
    return true
  }

  mutating func paste(_ text: String) {
    editor.paste(text)
    selected = 0
  }

  /// Replaces the text of the filter line.
  mutating func replace(with text: String) {
    editor.replace(with: text)
    selected = 0
  }

  mutating func select(_ index: Int, of count: Int) {
    selected = min(max(0, count - 1), max(0, index))
  }
}

/// A line of a list, and what Enter does with it.
struct ListItem: Sendable {
  /// Text on the left, such as a key.
  let label: String
  let text: StyledLine
  /// Text at the bottom of the list while the line is selected.
  let note: StyledLine
  /// Text in which all typed words must occur.
  let words: String
  /// Whether Enter can do something now.
  let isAvailable: Bool
  /// Path of the file that the line opens; nil for other lines.
  let path: String?
  let act: @Sendable (inout App) -> [Effect]

  init(
    label: String, text: StyledLine, note: StyledLine = "", words: String, isAvailable: Bool = true,
    path: String? = nil,
    act: @escaping @Sendable (inout App) -> [Effect]
  ) {
    self.label = label
    self.text = text
    self.note = note
    self.words = words.lowercased()
    self.isAvailable = isAvailable
    self.path = path
    self.act = act
  }
}

extension [ListItem] {
  /// The items in which all words of a text occur. Items in which they are the beginnings of words
  /// come first.
  func filtered(by text: String) -> [ListItem] {
    let wanted = text.lowercased().split(whereSeparator: \.isWhitespace).map(String.init)
    guard !wanted.isEmpty else { return self }
    var (first, rest) = ([ListItem](), [ListItem]())
    for item in self where wanted.allSatisfy(item.words.contains) {
      let parts = item.words.split { !$0.isLetter && !$0.isNumber }
      let begins = wanted.allSatisfy { word in parts.contains { $0.hasPrefix(word) } }
      if begins { first.append(item) } else { rest.append(item) }
    }
    return first + rest
  }
}
