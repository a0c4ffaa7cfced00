extension Frame {
  /// The frame as text for snapshot tests: its glyphs; then one letter per cell for its style,
  /// where five or more equal letters are written as `(a12)`; then a legend of the styles. Equal
  /// frames give equal text.
  public var picture: String {
    var letters: [Style: Character] = [look.theme[.normal]: "."]
    var legend: [(Character, Style)] = [(".", look.theme[.normal])]
    var styleRows: [String] = []
    for y in 0..<size.height {
      styleRows.append(
        String(
          row(y).map { cell in
            if let known = letters[cell.style] { return known }
            let letter = Self.letter(legend.count - 1)
            letters[cell.style] = letter
            legend.append((letter, cell.style))
            return letter
          }))
    }
    var lines = ["\(size.width)x\(size.height)"]
    lines += glyphRows.map { "|\($0)|" }
    lines += styleRows.map { "|\(Self.shortened($0))|" }
    lines += legend.map { "\($0): \($1)" }
    if let caret { lines.append("caret \(caret.x),\(caret.y)") }
    return lines.joined(separator: "\n") + "\n"
  }

  private static func shortened(_ row: String) -> String {
    var (short, rest) = ("", row[...])
    while let letter = rest.first {
      let run = rest.prefix { $0 == letter }
      short += run.count < 5 ? String(run) : "(\(letter)\(run.count))"
      rest = rest[run.endIndex...]
    }
    return short
  }

  /// Text of each row, including blanks at the end.
  public var glyphRows: [String] {
    (0..<size.height).map { y in row(y).map(\.text).joined() }
  }

  private static func letter(_ index: Int) -> Character {
    let letters = Array("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789")
    return index < letters.count ? letters[index] : "?"
  }
}
