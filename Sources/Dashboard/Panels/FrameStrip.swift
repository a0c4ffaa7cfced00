import Reports
import Selection
import Terminal

/// Draws the frames of a page with their audio. Dropped tokens are grey, with the symbol of the
/// boundary that dropped them; those dropped at the current boundary are filled with it.
struct FrameStrip: Widget {
  let film: FrameImages
  let places: ClipSources
  let drops: DropMap
  let marks: [Int: DropLegend.Mark]
  /// Relevance to use as colours; nil for the colours of the frames.
  let heat: RelevanceHeat?
  let layout: FrameLayout
  /// Prompt position of the selected token.
  let cursor: Int?

  func render(in area: Rect, to frame: inout Frame) {
    guard !area.isEmpty else { return }
    for index in layout.page {
      renderLabel(index, to: &frame)
      if layout.pictureHeight > 0 { renderPicture(index, to: &frame) }
      if layout.melHeight > 0 { renderSound(index, to: &frame) }
    }
  }

  private func renderLabel(_ index: Int, to frame: inout Frame) {
    var label = layout.label(index)
    let time = Double(index) * places.secondsPerGrid
    let digits = places.secondsPerGrid < 1 || time != time.rounded() ? 1 : 0
    let left = frame.write("\(Measure.decimal(time, digits)) s", in: label, as: .faint)
    _ = label.cutLeft(left + 1)
    let first = index * places.tokensPerGrid
    let tokens = places.video[
      min(first, places.video.count)..<min(first + places.tokensPerGrid, places.video.count)]
    guard !tokens.isEmpty else { return }
    let text = "\(tokens.count { drops.isThere($0) })/\(tokens.count)"
    guard text.count <= label.width else { return }
    frame.write(text, in: label, as: .video, align: .right)
  }

  // MARK: - Pictures

  private func renderPicture(_ index: Int, to frame: inout Frame) {
    for row in layout.rows {
      for column in layout.columns {
        let ordinal = index * places.tokensPerGrid + row * places.columns + column
        guard places.video.indices.contains(ordinal) else { return }
        let cells = layout.token(index, row: row, column: column)
        guard !cells.isEmpty else { continue }
        draw(ordinal, position: places.video[ordinal], in: cells, to: &frame)
      }
    }
  }

  private func draw(_ ordinal: Int, position: Int, in cells: Rect, to frame: inout Frame) {
    let scale = layout.scale
    let droppedAfter = drops.droppedAfter[position]
    let share = droppedAfter == nil ? heat?[position] : nil
    for y in 0..<cells.height {
      for x in 0..<cells.width {
        var halves = (
          film.pixel(ordinal, x: x, y: 2 * y, scale: scale),
          film.pixel(ordinal, x: x, y: 2 * y + 1, scale: scale)
        )
        if let droppedAfter {
          halves = (faded(halves.0, droppedAfter), faded(halves.1, droppedAfter))
        } else if heat != nil {
          halves = (Self.tinted(halves.0, share), Self.tinted(halves.1, share))
        }
        if droppedAfter != nil, frame.look.depth < .full {
          frame.put(" ", x: cells.x + x, y: cells.y + y, style: frame.look.theme[.dropped])
        } else {
          frame.put(halves.0, over: halves.1, x: cells.x + x, y: cells.y + y)
        }
      }
    }
    if let droppedAfter {
      let ground = faded(film.pixel(ordinal, x: 0, y: 0, scale: 1), droppedAfter)
      mark(droppedAfter, cells, ground, to: &frame)
    }
    if position == cursor { Self.frameCursor(cells, to: &frame) }
  }

  /// The colour of a dropped token: grey, or reddish if it was dropped at the current boundary.
  private func faded(_ pixel: Pixel, _ droppedAfter: Int) -> Pixel {
    let grey = Self.faded(pixel)
    return droppedAfter == drops.row ? Self.justGone.mixed(with: grey, 0.4) : grey
  }

  private func mark(_ row: Int, _ cells: Rect, _ ground: Pixel, to frame: inout Frame) {
    guard let mark = marks[row] else { return }
    let glyph = mark.glyph(frame.glyphs)
    let isNew = row == drops.row
    var style = frame.look.theme[.dropped]
    if frame.look.depth >= .full {
      let ink = isNew ? Pixel(255, 255, 255) : Pixel(205, 205, 205)
      style = Style(
        foreground: frame.look.depth.nearest(ink), background: frame.look.depth.nearest(ground))
    }
    if isNew { style.modifiers.insert(.bold) }
    // Without full colours, tokens dropped at the current boundary are filled with the symbol.
    guard !isNew || frame.look.depth >= .full else {
      for y in cells.y..<cells.bottom {
        for x in cells.x..<cells.right { frame.put(glyph, x: x, y: y, style: style) }
      }
      return
    }
    frame.put(
      glyph, x: cells.x + (cells.width - 1) / 2, y: cells.y + (cells.height - 1) / 2, style: style)
  }

  /// Tint of tokens dropped at the current boundary.
  private static let justGone = Pixel(150, 40, 40)

  private static func faded(_ pixel: Pixel) -> Pixel {
    let grey = UInt8(70 + Int(pixel.brightness) / 5)
    return Pixel(grey, grey, grey)
  }

  private static func tinted(_ pixel: Pixel, _ share: Double?) -> Pixel {
    guard let share else { return faded(pixel) }
    let light = pixel.brightness
    return RelevanceHeat.pixel(share).mixed(with: Pixel(light, light, light), 0.25)
  }

  private static func frameCursor(_ cells: Rect, to frame: inout Frame) {
    let style = frame.look.theme[.selection].overlaid(with: Style(modifiers: .bold))
    let (right, bottom) = (cells.right - 1, cells.bottom - 1)
    guard cells.height > 1 else {
      frame.put("[", x: cells.x, y: cells.y, style: style)
      return frame.put("]", x: right, y: cells.y, style: style)
    }
    let glyphs = frame.glyphs
    frame.put(glyphs.topLeft, x: cells.x, y: cells.y, style: style)
    frame.put(glyphs.topRight, x: right, y: cells.y, style: style)
    frame.put(glyphs.bottomLeft, x: cells.x, y: bottom, style: style)
    frame.put(glyphs.bottomRight, x: right, y: bottom, style: style)
  }

  // MARK: - Audio

  private func renderSound(_ index: Int, to frame: inout Frame) {
    var place = layout.sound(index)
    guard place.height > 1 else { return }
    let kept = place.cutBottom(1)
    let span = SoundSpan(index, places, cells: layout.width)
    for cell in 0..<place.width {
      let tokens = span.tokens(under: cell)
      guard !tokens.isEmpty else { continue }
      let positions = tokens.map { places.audio[$0] }
      let there = positions.filter { drops.isThere($0) }
      let share = heat.map { heat in there.compactMap { heat[$0] }.max() ?? 0 }
      drawLevels(tokens, isThere: !there.isEmpty, share, x: place.x + cell, place, to: &frame)
      drawKept(positions, there.count, x: place.x + cell, y: kept.y, to: &frame)
    }
  }

  private func drawLevels(
    _ tokens: Range<Int>, isThere: Bool, _ share: Double?, x: Int, _ place: Rect,
    to frame: inout Frame
  ) {
    let parts = place.height * 2
    for y in 0..<place.height {
      let halves = [2 * y, 2 * y + 1].map { part in
        Self.loudness(film.level(tokens, part: part, of: parts), isThere: isThere, share)
      }
      if !isThere, frame.look.depth < .full { continue }
      frame.put(halves[0], over: halves[1], x: x, y: place.y + y)
    }
  }

  private static func loudness(_ level: UInt8, isThere: Bool, _ share: Double?) -> Pixel {
    guard isThere else {
      let grey = UInt8(60 + Int(level) / 4)
      return Pixel(grey, grey, grey)
    }
    let tone = Double(level) / 255
    guard let share else {
      return Pixel(30, 15, 45).mixed(with: Pixel(255, 190, 235), tone * tone)
    }
    let light = UInt8(tone * 255)
    return RelevanceHeat.pixel(share).mixed(with: Pixel(light, light, light), 0.35)
  }

  /// Draws the row below the audio: a full block if all tokens of a cell are left, a half block if
  /// some are, otherwise the symbol of the last drop.
  private func drawKept(_ positions: [Int], _ there: Int, x: Int, y: Int, to frame: inout Frame) {
    let theme = frame.look.theme
    let isCursor = positions.contains { $0 == cursor }
    var style = theme[.audio]
    var glyph = frame.glyphs.fills[0]
    if there == 0 {
      let last = positions.compactMap { drops.droppedAfter[$0] }.max() ?? 0
      glyph = marks[last]?.glyph(frame.glyphs) ?? " "
      style = theme[last == drops.row ? .strong : .dropped]
    } else if there < positions.count {
      glyph = frame.glyphs.isASCII ? "+" : "▄"
    }
    if isCursor { style = theme[.selection].overlaid(with: Style(modifiers: .bold)) }
    frame.put(isCursor ? frame.glyphs.pointer : glyph, x: x, y: y, style: style)
  }
}
