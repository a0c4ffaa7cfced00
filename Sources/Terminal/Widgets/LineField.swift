/// A text field; shows the caret while it has the focus.
public struct LineField: Widget, Equatable {
  public let editor: LineEditor
  public let isFocused: Bool
  public let role: Role

  public init(_ editor: LineEditor, isFocused: Bool = true, role: Role = .normal) {
    self.editor = editor
    self.isFocused = isFocused
    self.role = role
  }

  public func render(in area: Rect, to frame: inout Frame) {
    draw(in: area, to: &frame)
  }

  /// Draws the text field.
  /// - Returns: number of cells written.
  @discardableResult
  func draw(in area: Rect, to frame: inout Frame) -> Int {
    guard !area.isEmpty else { return 0 }
    let ascii = frame.glyphs.isASCII
    let all = CleanText(editor.text, ascii: ascii)
    let before = CleanText(editor.text.prefix(editor.caret), ascii: ascii)
    // A long line is scrolled so that the caret is visible, with some text after it.
    let room = max(0, area.width - 2)
    let ahead = all.width > room ? min(all.width - before.width, room / 4) : 0
    let end = before.suffix(room - ahead)
    let isLong = isFocused && end.width < before.width
    let shown = isLong ? all.dropFirst(before.glyphs.count - end.glyphs.count) : all
    let written = frame.write(shown, in: area, style: frame.look.theme[role])
    if isFocused {
      frame.caret = .init(x: min(area.right - 1, area.x + end.width), y: area.y)
    }
    return written
  }
}
