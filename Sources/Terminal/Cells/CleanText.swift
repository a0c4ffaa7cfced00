import CCurses

/// Text made safe for a terminal and measured in cells.
///
/// Titles, questions and answers are untrusted: control characters are shown in caret notation
/// (`^[` for escape); directional controls, joiners, variation selectors and other invisible code
/// points are removed; characters without a glyph become `�`. Combining marks stay with their
/// letter. `CleanText("a\u{1b}[31m")` shows `a^[[31m`.
public struct CleanText: Sendable, Equatable {
  /// A glyph that is one or two cells wide.
  struct Glyph: Sendable, Equatable {
    var base: UInt32
    var mark: UInt32 = 0
    var secondMark: UInt32 = 0
    var width: Int
  }

  private(set) var glyphs: [Glyph] = []
  /// Width of the text, in cells.
  public private(set) var width = 0

  /// Cleans a text.
  /// - Parameter ascii: whether non-ASCII characters are replaced by similar ASCII text, or by `?`
  ///   for each cell.
  public init(_ text: some StringProtocol, ascii: Bool = false) {
    glyphs.reserveCapacity(text.utf8.count)
    for scalar in text.unicodeScalars {
      let value = scalar.value
      if value >= 0x20, value < 0x7f {
        append(value, width: 1)
      } else {
        appendUncommon(scalar, ascii: ascii)
      }
    }
  }

  private mutating func append(_ base: UInt32, width cells: Int) {
    glyphs.append(Glyph(base: base, width: cells))
    width += cells
  }

  private mutating func append(ascii text: some StringProtocol) {
    for byte in text.utf8 { append(UInt32(byte), width: 1) }
  }

  private mutating func appendUncommon(_ scalar: Unicode.Scalar, ascii: Bool) {
    let value = scalar.value
    switch value {
    case 0x09, 0x0a, 0x0d, 0x85, 0x2028, 0x2029: append(0x20, width: 1)
    case 0..<0x20: append(ascii: "^\(Character(Unicode.Scalar(UInt8(value) + 0x40)))")
    case 0x7f: append(ascii: "^?")
    case 0x80..<0xa0: append(replacement: ascii)
    case 0xa0: append(0x20, width: 1)
    case _ where Self.isInvisible(scalar): break
    // A pair of regional indicators is a flag, whose width differs between terminals.
    case 0x1f1e6...0x1f1ff: append(value - 0x1f1e6 + 0x41, width: 1)
    default: appendWide(value, ascii: ascii)
    }
  }

  private mutating func appendWide(_ value: UInt32, ascii: Bool) {
    let cells = Int(cc_width(value))
    switch cells {
    case 0: if !ascii { attach(mark: value) }
    case 1, 2:
      guard ascii else { return append(value, width: cells) }
      append(ascii: Transliteration.ascii[value] ?? String(repeating: "?", count: cells))
    default: append(replacement: ascii)
    }
  }

  private mutating func append(replacement ascii: Bool) {
    append(ascii ? 0x3f : 0xfffd, width: 1)
  }

  private mutating func attach(mark: UInt32) {
    guard let last = glyphs.indices.last else { return }
    if glyphs[last].mark == 0 {
      glyphs[last].mark = mark
    } else if glyphs[last].secondMark == 0 {
      glyphs[last].secondMark = mark
    }
  }

  /// Whether a code point has no glyph, or changes width or order differently between terminals.
  private static func isInvisible(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0xad, 0x061c, 0x180e, 0x200b...0x200f, 0x202a...0x202e, 0x2060...0x206f: true
    case 0xfe00...0xfe0f, 0xfeff, 0xfff9...0xfffb, 0x1f3fb...0x1f3ff, 0xe0000...0xe0fff: true
    default: scalar.properties.generalCategory == .format
    }
  }
}

extension CleanText {
  /// The text truncated to `limit` cells; if it is truncated, it ends with `ellipsis`.
  func truncated(to limit: Int, ellipsis: UInt32) -> CleanText {
    guard width > limit else { return self }
    var short = CleanText("")
    guard limit > 0 else { return short }
    for glyph in glyphs {
      guard short.width + glyph.width <= limit - 1 else { break }
      short.glyphs.append(glyph)
      short.width += glyph.width
    }
    short.append(ellipsis, width: 1)
    return short
  }

  /// The text without its first glyphs.
  func dropFirst(_ count: Int) -> CleanText { CleanText(glyphs: glyphs.dropFirst(count)) }

  /// The longest end of the text that fits into `limit` cells.
  func suffix(_ limit: Int) -> CleanText {
    var (start, cells) = (glyphs.endIndex, 0)
    while start > 0, cells + glyphs[start - 1].width <= limit {
      start -= 1
      cells += glyphs[start].width
    }
    return CleanText(glyphs: glyphs[start...])
  }

  /// The text as lines of at most `limit` cells, broken at spaces if possible.
  public func wrapped(to limit: Int) -> [CleanText] {
    guard limit > 1 else { return [] }
    var lines: [CleanText] = []
    var rest = glyphs[...]
    while !rest.isEmpty {
      let line = Self.firstLine(of: rest, limit: limit)
      lines.append(CleanText(glyphs: line))
      rest = rest[line.endIndex...].drop { $0.base == 0x20 }
    }
    return lines
  }

  private static func firstLine(of rest: ArraySlice<Glyph>, limit: Int) -> ArraySlice<Glyph> {
    var (cells, end) = (0, rest.startIndex)
    while end < rest.endIndex, cells + rest[end].width <= limit {
      cells += rest[end].width
      end += 1
    }
    guard end < rest.endIndex, rest[end].base != 0x20 else { return rest[..<end] }
    let space = rest[..<end].lastIndex { $0.base == 0x20 }
    guard let space, space > rest.startIndex else { return rest[..<end] }
    return rest[..<space]
  }

  private init(glyphs: ArraySlice<Glyph>) {
    self.glyphs = Array(glyphs)
    width = glyphs.reduce(0) { $0 + $1.width }
  }

  /// The text after cleaning.
  public var shown: String {
    var result = String.UnicodeScalarView()
    for glyph in glyphs {
      for value in [glyph.base, glyph.mark, glyph.secondMark] where value != 0 {
        if let scalar = Unicode.Scalar(value) { result.append(scalar) }
      }
    }
    return String(result)
  }
}
