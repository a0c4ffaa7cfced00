/// Key hints in one row: `q quit ? help space run`. Where space is short, the last hints are left
/// out.
public struct HintBar: Widget, Equatable {
  /// A key, and one word for its action.
  public struct Hint: Sendable, Equatable {
    public let action: String
    public let key: String

    public init(action: String, key: String) {
      self.action = action
      self.key = key
    }
  }

  public let hints: [Hint]

  public init(_ hints: [Hint]) {
    self.hints = hints
  }

  public func render(in area: Rect, to frame: inout Frame) {
    var row = area.row(0)
    frame.clear(row, as: .hint)
    for hint in hints {
      let key = CleanText(" \(hint.key) ", ascii: frame.glyphs.isASCII)
      let action = CleanText("\(hint.action) ", ascii: frame.glyphs.isASCII)
      guard key.width + action.width <= row.width else { continue }
      frame.write(key, in: row.cutLeft(key.width), style: frame.look.theme[.key])
      frame.write(action, in: row.cutLeft(action.width), style: frame.look.theme[.hint])
    }
  }
}
