extension Frame {
  /// The frame as text: the glyphs, then a letter per cell for its style – five and more of a kind
  /// as `(a12)` –, then a legend. Equal frames give equal text; used by snapshot tests.
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

  /// The text of each row, including trailing blanks.
  public var glyphRows: [String] {
    (0..<size.height).map { y in row(y).map(\.text).joined() }
  }

  private static func letter(_ index: Int) -> Character {
    let letters = Array("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789")
    return index < letters.count ? letters[index] : "?"
  }
}
