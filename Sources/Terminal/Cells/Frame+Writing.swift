/// Horizontal alignment of a text in its row.
public enum Alignment: Sendable, Equatable {
  case left, center, right
}

extension Frame {
  /// Writes a text into the first row of an area in the style of a role, truncated with an
  /// ellipsis.
  /// - Returns: number of cells written.
  @discardableResult
  public mutating func write(
    _ text: some StringProtocol, in area: Rect, as role: Role = .normal,
    align: Alignment = .left
  ) -> Int {
    write(text, in: area, style: look.theme[role], align: align)
  }

  /// Writes a text into the first row of an area in a style, truncated with an ellipsis.
  @discardableResult
  public mutating func write(
    _ text: some StringProtocol, in area: Rect, style: Style, align: Alignment = .left
  ) -> Int {
    guard !area.isEmpty, !text.isEmpty else { return 0 }
    return write(CleanText(text, ascii: glyphs.isASCII), in: area, style: style, align: align)
  }

  /// Writes cleaned text into the first row of an area in a style, truncated with an ellipsis.
  @discardableResult
  mutating func write(
    _ text: CleanText, in area: Rect, style: Style, align: Alignment = .left
  ) -> Int {
    guard !area.isEmpty else { return 0 }
    let shown = text.truncated(to: area.width, ellipsis: ellipsis)
    var x = area.x
    switch align {
    case .left: break
    case .center: x += (area.width - shown.width) / 2
    case .right: x += area.width - shown.width
    }
    for glyph in shown.glyphs {
      set(glyph, x: x, y: area.y, style: style)
      x += glyph.width
    }
    return shown.width
  }

  private var ellipsis: UInt32 { glyphs.ellipsis.unicodeScalars.first?.value ?? 0x7e }

  /// Writes a line whose parts have different styles.
  /// - Returns: number of cells written.
  @discardableResult
  public mutating func write(
    _ line: StyledLine, in area: Rect, align: Alignment = .left
  ) -> Int {
    guard !area.isEmpty else { return 0 }
    var rest = area
    if align != .left {
      let width = line.width(ascii: glyphs.isASCII)
      let spare = max(0, area.width - width)
      _ = rest.cutLeft(align == .right ? spare : spare / 2)
    }
    for span in line.spans where !span.text.isEmpty {
      guard !rest.isEmpty else {
        put(glyphs.ellipsis, x: area.right - 1, y: area.y, style: look.theme[span.role])
        break
      }
      let written = write(span.text, in: rest, style: look.theme[span.role])
      _ = rest.cutLeft(written)
    }
    return rest.x - area.x
  }

  /// Draws a box along the edges of an area.
  /// - Returns: the area inside the box.
  @discardableResult
  public mutating func box(_ area: Rect, title: String = "", as role: Role = .border) -> Rect {
    guard area.width >= 2, area.height >= 2 else { return area.inset(horizontal: 1, vertical: 1) }
    let style = look.theme[role]
    for x in area.x + 1..<area.right - 1 {
      put(glyphs.horizontal, x: x, y: area.y, style: style)
      put(glyphs.horizontal, x: x, y: area.bottom - 1, style: style)
    }
    for y in area.y + 1..<area.bottom - 1 {
      put(glyphs.vertical, x: area.x, y: y, style: style)
      put(glyphs.vertical, x: area.right - 1, y: y, style: style)
    }
    put(glyphs.topLeft, x: area.x, y: area.y, style: style)
    put(glyphs.topRight, x: area.right - 1, y: area.y, style: style)
    put(glyphs.bottomLeft, x: area.x, y: area.bottom - 1, style: style)
    put(glyphs.bottomRight, x: area.right - 1, y: area.bottom - 1, style: style)
    if !title.isEmpty {
      let strip = area.row(0).inset(horizontal: 2)
      let titleStyle = style.overlaid(with: Style(modifiers: .bold))
      write(" \(title) ", in: strip, style: titleStyle)
    }
    return area.inset(horizontal: 1, vertical: 1)
  }

  /// Draws a horizontal line, with an optional title in it.
  public mutating func rule(_ row: Rect, title: String = "", as role: Role = .border) {
    guard !row.isEmpty else { return }
    for x in row.x..<row.right { put(glyphs.horizontal, x: x, y: row.y, style: look.theme[role]) }
    guard !title.isEmpty, row.width > 6 else { return }
    var place = row
    _ = place.cutLeft(1)
    _ = place.cutRight(1)
    write(" \(title) ", in: place, as: .title)
  }
}
