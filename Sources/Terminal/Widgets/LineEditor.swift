/// Editor for one line of text, with the keys of readline: words, kill and yank, history.
public struct LineEditor: Sendable, Equatable {
  public private(set) var text: String
  /// Number of characters before the caret.
  public private(set) var caret: Int
  /// The text that was removed last with a kill key; `^Y` inserts it.
  private var killed = ""
  private var history: LineHistory?
  /// Maximum length in code points, because a letter with thousands of combining marks is one
  /// character.
  private var limit = 1000

  public init(_ text: String = "") {
    self.text = text
    caret = text.count
  }

  /// An editor in which up and down move through earlier lines, oldest first.
  /// - Parameter limit: maximum length in code points.
  public init(_ text: String, history: [String], limit: Int = 1000) {
    self.init(text)
    self.limit = limit
    self.history = history.isEmpty ? nil : LineHistory(history)
  }

  /// Handles a key.
  /// - Returns: false if the key does not edit text.
  public mutating func handle(_ key: Key) -> Bool {
    switch key {
    case .character(let character): paste(String(character))
    case .backspace, .control("h"): remove(at: caret - 1)
    case .delete, .control("d"): remove(at: caret)
    case .left, .control("b"): caret = max(0, caret - 1)
    case .right, .control("f"): caret = min(text.count, caret + 1)
    case .home, .control("a"): caret = 0
    case .end, .control("e"): caret = text.count
    case .alt("b"): caret = wordStart
    case .alt("f"): caret = wordEnd
    case .control("u"): kill(0..<caret)
    case .control("k"): kill(caret..<text.count)
    case .control("w"): kill(spacedWordStart..<caret)
    case .alt("\u{7f}"), .alt("\u{8}"): kill(wordStart..<caret)
    case .alt("d"): kill(caret..<wordEnd)
    case .control("y"): paste(killed)
    case .up, .control("p"): return recall(-1)
    case .down, .control("n"): return recall(1)
    default: return false
    }
    return true
  }

  /// Inserts a text, truncated to the maximum length.
  public mutating func paste(_ pasted: String) {
    let room = limit - text.unicodeScalars.count
    guard room > 0 else { return }
    insert(String(String.UnicodeScalarView(pasted.unicodeScalars.prefix(room))))
  }

  /// Replaces the whole text; the caret moves to its end.
  public mutating func replace(with new: String) {
    (text, caret) = (new, new.count)
  }

  private mutating func insert(_ new: String) {
    let place = index(caret)
    // A combining mark becomes part of the letter before it, so the caret does not move.
    let after = (text[..<place] + new).count
    text.insert(contentsOf: new, at: place)
    caret = min(text.count, after)
  }

  private mutating func remove(at position: Int) {
    guard position >= 0, position < text.count else { return }
    text.remove(at: index(position))
    caret = min(text.count, position)
  }

  private func index(_ position: Int) -> String.Index {
    text.index(text.startIndex, offsetBy: position)
  }
}

// MARK: - Words, kill and history

extension LineEditor {
  /// Start of the word at or before the caret.
  private var wordStart: Int { start { $0.isLetter || $0.isNumber } }

  /// Start of the text without spaces before the caret.
  private var spacedWordStart: Int { start { !$0.isWhitespace } }

  private func start(ofWord isPart: (Character) -> Bool) -> Int {
    let before = text.prefix(caret).reversed()
    let word = before.drop { !isPart($0) }.drop(while: isPart)
    return word.count
  }

  /// End of the word at or after the caret.
  private var wordEnd: Int {
    let isPart = { (character: Character) in character.isLetter || character.isNumber }
    return text.count - text.dropFirst(caret).drop { !isPart($0) }.drop(while: isPart).count
  }

  /// Removes characters and keeps them for `^Y`. Nothing is kept if there are none.
  private mutating func kill(_ range: Range<Int>) {
    guard !range.isEmpty else { return }
    let (start, end) = (index(range.lowerBound), index(range.upperBound))
    killed = String(text[start..<end])
    text.removeSubrange(start..<end)
    caret = min(text.count, range.lowerBound)
  }

  /// Shows an earlier line for −1, a later one for 1.
  /// - Returns: false without a history.
  private mutating func recall(_ step: Int) -> Bool {
    guard var history else { return false }
    if let line = history.move(step, from: text) { replace(with: line) }
    self.history = history
    return true
  }
}

/// Earlier lines of a line editor, and the line that is being typed.
struct LineHistory: Sendable, Equatable {
  /// Earlier lines, oldest first.
  private let lines: [String]
  /// Index of the shown line; `lines.count` for the typed one.
  private var shown: Int
  private var typed = ""

  init(_ lines: [String]) {
    self.lines = lines
    shown = lines.count
  }

  /// The next line in a direction; nil at the end.
  /// - Parameter text: text of the editor, kept if it is the typed line.
  mutating func move(_ step: Int, from text: String) -> String? {
    let next = shown + step
    guard 0...lines.count ~= next else { return nil }
    if shown == lines.count { typed = text }
    shown = next
    return next < lines.count ? lines[next] : typed
  }
}

/// A line editor with a prompt: `drop layers: 16-18-20_`.
public struct PromptLine: Widget, Equatable {
  public let question: String
  public let editor: LineEditor
  /// An error message about the current text, or its meaning.
  public let remark: StyledLine

  public init(question: String, editor: LineEditor, remark: StyledLine = "") {
    self.question = question
    self.editor = editor
    self.remark = remark
  }

  public func render(in area: Rect, to frame: inout Frame) {
    guard !area.isEmpty else { return }
    var row = area.row(0)
    frame.clear(row, as: .status)
    _ = row.cutLeft(frame.write("\(question) ", in: row, as: .strong))
    let written = LineField(editor).draw(in: row, to: &frame)
    _ = row.cutLeft(written + 2)
    frame.write(remark, in: row)
  }
}
