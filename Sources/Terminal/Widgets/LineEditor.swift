/// Editor for one line of text.
public struct LineEditor: Sendable, Equatable {
  public private(set) var text: String
  /// Number of characters before the caret.
  public private(set) var caret: Int

  public init(_ text: String = "") {
    self.text = text
    caret = text.count
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
    case .control("u"): self = LineEditor()
    default: return false
    }
    return true
  }

  /// Maximum length in code points, because a letter with thousands of combining marks is one
  /// character.
  private static let limit = 1000

  /// Inserts a text, truncated to the maximum length.
  public mutating func paste(_ pasted: String) {
    let room = Self.limit - text.unicodeScalars.count
    guard room > 0 else { return }
    insert(String(String.UnicodeScalarView(pasted.unicodeScalars.prefix(room))))
  }

  private mutating func insert(_ new: String) {
    let place = text.index(text.startIndex, offsetBy: caret)
    // A combining mark becomes part of the letter before it, so the caret does not move.
    let after = (text[..<place] + new).count
    text.insert(contentsOf: new, at: place)
    caret = min(text.count, after)
  }

  private mutating func remove(at position: Int) {
    guard position >= 0, position < text.count else { return }
    text.remove(at: text.index(text.startIndex, offsetBy: position))
    caret = min(text.count, position)
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
