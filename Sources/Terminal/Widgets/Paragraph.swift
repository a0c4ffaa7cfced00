/// Wrapped text, truncated with an ellipsis if it does not fit.
public struct Paragraph: Widget, Equatable {
  public let text: String
  public let role: Role

  public init(_ text: String, role: Role = .normal) {
    self.text = text
    self.role = role
  }

  /// Number of rows of the text for a width.
  public func height(width: Int, ascii: Bool) -> Int {
    CleanText(text, ascii: ascii).wrapped(to: width).count
  }

  public func render(in area: Rect, to frame: inout Frame) {
    guard !area.isEmpty else { return }
    let lines = CleanText(text, ascii: frame.glyphs.isASCII).wrapped(to: area.width)
    for (index, line) in lines.prefix(area.height).enumerated() {
      let isCut = index == area.height - 1 && lines.count > area.height
      let shown = isCut ? CleanText("\(line.shown) \(lines[index + 1].shown)") : line
      frame.write(shown, in: area.row(index), style: frame.look.theme[role])
    }
  }
}
