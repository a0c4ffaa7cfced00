extension Chart {
  public func render(in area: Rect, to frame: inout Frame) {
    guard let layout = ChartLayout(self, in: area, ascii: frame.glyphs.isASCII),
      layout.plot.width > 0
    else { return }
    let marks = ChartMarks(self, layout)
    drawBands(layout, to: &frame)
    drawColumns(layout, to: &frame)
    drawVectors(layout, marks, to: &frame)
    marks.canvas.render(series, to: &frame)
    drawLetters(marks, to: &frame)
    drawAxes(layout, to: &frame)
    drawNames(layout, to: &frame)
    drawHidden(layout, marks, to: &frame)
  }

  // MARK: - Bands and columns

  private func drawBands(_ layout: ChartLayout, to frame: inout Frame) {
    let plot = layout.plot
    let style = frame.look.theme[.border]
    for band in bands where band.isShaded && band.from < band.to {
      let columns = layout.columns(from: band.from, to: band.to)
      let area = Rect(
        x: columns.lowerBound, y: plot.y, width: columns.count, height: plot.height)
      if !frame.glyphs.isASCII { frame.draw(.shade(area, style)) }
      for y in area.y..<area.bottom {
        for x in area.x..<area.right where (x + 2 * (y % 2)) % 4 == 0 {
          frame.put(frame.glyphs.dot, x: x, y: y, style: style)
        }
      }
    }
  }

  private func drawColumns(_ layout: ChartLayout, to frame: inout Frame) {
    let plot = layout.plot
    for column in columns where column.y.isFinite && column.from.isFinite && column.to.isFinite {
      let cells = layout.columns(from: column.from, to: column.to)
      // A gap between columns that are wide enough.
      let end = cells.count > 1 && !column.hasGround ? cells.upperBound - 1 : cells.upperBound
      for x in cells.lowerBound..<max(cells.lowerBound + 1, end) {
        let cell = Rect(x: x, y: plot.y, width: 1, height: plot.height)
        if column.hasGround {
          for y in cell.y..<cell.bottom {
            frame.put(frame.glyphs.dot, x: x, y: y, style: frame.look.theme[.dropped])
          }
        }
        Sparkline([layout.y.share(column.y)], ceiling: 1, role: column.role)
          .render(in: cell, to: &frame)
      }
    }
  }

  // MARK: - Letters and lines

  private func style(_ letter: ChartMarks.Letter, _ frame: Frame) -> Style {
    var style = frame.look.theme[series[letter.series].role]
    if letter.point.emphasis != .none { style.modifiers.insert(.bold) }
    if letter.point.emphasis == .selected { style.modifiers.insert(.reversed) }
    return style
  }

  private func drawLetters(_ marks: ChartMarks, to frame: inout Frame) {
    for letter in marks.letters {
      guard let sign = series[letter.series].letter else { continue }
      frame.put(sign, x: letter.x, y: letter.y, style: style(letter, frame))
    }
  }

  /// The lines and letters as exact shapes, for pictures.
  private func drawVectors(_ layout: ChartLayout, _ marks: ChartMarks, to frame: inout Frame) {
    guard !frame.glyphs.isASCII else { return }
    for one in series.reversed() {
      let style = frame.look.theme[one.role]
      for line in Self.unbroken(one) where one.line != .none && line.count > 1 {
        frame.draw(.line(line.map(layout.place), style, one.line == .dotted ? .dotted : .curve))
      }
      for point in one.points.compactMap(\.self) where point.isFinite && point.error > 0 {
        drawError(point, layout, style, to: &frame)
      }
    }
    for letter in marks.letters {
      guard let sign = series[letter.series].letter else { continue }
      frame.draw(
        .letter(sign, layout.place(letter.point), style(letter, frame), x: letter.x, y: letter.y))
    }
  }

  private func drawError(
    _ point: Point, _ layout: ChartLayout, _ style: Style, to frame: inout Frame
  ) {
    guard point.error.isFinite else { return }
    let ends = [point.y + point.error, point.y - point.error].map {
      layout.place(Point(point.x, $0))
    }
    frame.draw(.line(ends, style, .thin))
    for end in ends {
      let cap = [-0.35, 0.35].map { Drawing.Place(x: end.x + $0, y: end.y) }
      frame.draw(.line(cap, style, .thin))
    }
  }

  /// The points of a series between its gaps.
  private static func unbroken(_ series: Series) -> [[Point]] {
    series.points.split { !($0?.isFinite ?? false) }.map { $0.compactMap(\.self) }
  }

  // MARK: - Axes

  private func drawAxes(_ layout: ChartLayout, to frame: inout Frame) {
    drawVertical(layout, to: &frame)
    guard x.isShown else { return }
    drawHorizontal(layout, to: &frame)
  }

  private func drawVertical(_ layout: ChartLayout, to frame: inout Frame) {
    frame.write(y.title, in: layout.heading, as: .title)
    let axis = layout.verticalAxis
    guard y.isShown, axis.width > 1 else { return }
    let (glyphs, style) = (frame.glyphs, frame.look.theme[.border])
    for row in axis.y..<axis.bottom {
      frame.put(glyphs.vertical, x: axis.right - 1, y: row, style: style)
    }
    if !glyphs.isASCII {
      frame.draw(.replaced(axis))
      let x = Double(axis.right) - 0.5
      let ends = [Double(axis.y), Double(axis.bottom) + (layout.line.isEmpty ? 0 : 0.5)]
      frame.draw(.line(ends.map { Drawing.Place(x: x, y: $0) }, style, .thin))
    }
    var free = Int.max
    for tick in layout.y.ticks {
      let row = axis.y + layout.row(tick) / layout.dots.y
      guard row < free else { continue }
      frame.put(glyphs.tickLeft, x: axis.right - 1, y: row, style: style)
      let place = Rect(x: axis.x, y: row, width: axis.width - 1, height: 1)
      drawExact(verticalTick: tick, layout, to: &frame)
      frame.write("\(layout.y.label(tick))\(y.unit)", in: place, as: .faint, align: .right)
      // Labels in adjacent rows cannot be read.
      free = row - (axis.height > 4 ? 1 : 0)
    }
  }

  private func drawHorizontal(_ layout: ChartLayout, to frame: inout Frame) {
    let (plot, line, labels) = (layout.plot, layout.line, layout.labels)
    let (glyphs, style) = (frame.glyphs, frame.look.theme[.border])
    if !line.isEmpty {
      for x in plot.x..<plot.right {
        frame.put(glyphs.horizontal, x: x, y: line.y, style: style)
      }
      if layout.verticalAxis.width > 1 {
        frame.put(glyphs.bottomLeft, x: plot.x - 1, y: line.y, style: style)
      }
      if !glyphs.isASCII {
        frame.draw(.replaced(Rect(x: plot.x - 1, y: line.y, width: plot.width + 1, height: 1)))
        let ends = [Double(plot.x) - 0.5, Double(plot.right)]
        let y = Double(line.y) + 0.5
        frame.draw(.line(ends.map { Drawing.Place(x: $0, y: y) }, style, .thin))
      }
    }
    let title = layout.foot.isEmpty ? x.title : ""
    let titleWidth = CleanText(title, ascii: glyphs.isASCII).width
    let end = title.isEmpty ? labels.right : labels.right - titleWidth - 1
    var free = labels.x
    var shown = 0
    for tick in layout.x.ticks {
      let column = plot.x + layout.column(tick) / layout.dots.x
      if !line.isEmpty { frame.put(glyphs.tickBottom, x: column, y: line.y, style: style) }
      let text = "\(layout.x.label(tick))\(x.unit)"
      // A title gives way to the first two labels.
      let limit = shown < 2 ? labels.right : end
      let start = max(labels.x, min(column - (text.count - 1) / 2, labels.right - text.count))
      guard start >= free, start + text.count <= limit else { continue }
      frame.write(
        text, in: Rect(x: start, y: labels.y, width: text.count, height: labels.height),
        as: .faint)
      drawExact(horizontalTick: tick, text, start: start, layout, to: &frame)
      free = start + text.count + 1
      shown += 1
    }
    if titleWidth > 0, free + titleWidth <= labels.right {
      frame.write(title, in: labels, as: .title, align: .right)
    }
    var foot = layout.foot
    _ = foot.cutLeft(plot.x - foot.x)
    frame.write(x.title, in: foot, as: .title, align: .right)
  }

  /// A tick and its label at their exact place, for pictures.
  private func drawExact(verticalTick tick: Double, _ layout: ChartLayout, to frame: inout Frame) {
    guard !frame.glyphs.isASCII else { return }
    let right = Double(layout.verticalAxis.right)
    let at = layout.place(Point(layout.x.lower, tick)).y
    let ends = [right - 0.85, right - 0.5].map { Drawing.Place(x: $0, y: at) }
    frame.draw(.line(ends, frame.look.theme[.border], .thin))
    frame.draw(
      .label(
        "\(layout.y.label(tick))\(y.unit)", Drawing.Place(x: right - 1, y: at),
        frame.look.theme[.faint], .right))
  }

  private func drawExact(
    horizontalTick tick: Double, _ text: String, start: Int, _ layout: ChartLayout,
    to frame: inout Frame
  ) {
    guard !frame.glyphs.isASCII, !layout.line.isEmpty else { return }
    let at = layout.place(Point(tick, layout.y.lower)).x
    let line = Double(layout.line.y)
    let ends = [line + 0.5, line + 0.8].map { Drawing.Place(x: at, y: $0) }
    frame.draw(.line(ends, frame.look.theme[.border], .thin))
    frame.draw(.replaced(Rect(x: start, y: layout.labels.y, width: text.count, height: 1)))
    let middle = min(at, Double(layout.labels.right) - Double(text.count) / 2)
    frame.draw(
      .label(
        text, Drawing.Place(x: middle, y: Double(layout.labels.y) + 0.5),
        frame.look.theme[.faint], .center))
  }

  /// Names of the bands, shortened to their width.
  private func drawNames(_ layout: ChartLayout, to frame: inout Frame) {
    guard !layout.names.isEmpty else { return }
    for band in bands where !band.name.isEmpty && band.from < band.to {
      let columns = layout.columns(from: band.from, to: band.to)
      let width = columns.upperBound < layout.plot.right ? columns.count - 1 : columns.count
      guard width > 0 else { continue }
      frame.write(
        band.name.count <= width ? band.name : String(band.name.prefix(min(3, width))),
        in: Rect(x: columns.lowerBound, y: layout.names.y, width: width, height: 1), as: .title)
    }
  }

  // MARK: - Hidden points

  private func drawHidden(_ layout: ChartLayout, _ marks: ChartMarks, to frame: inout Frame) {
    let all = marks.hiddenLines
    guard !all.isEmpty else { return }
    for count in stride(from: min(all.count, max(1, layout.plot.height / 2)), through: 1, by: -1) {
      var lines = Array(all.prefix(count))
      if all.count > count { lines[count - 1] += ", \(all.count - count) more" }
      let width = max(12, layout.plot.width / 2)
      lines = lines.map { $0.count <= width ? $0 : String($0.prefix(width - 1)) + "~" }
      if let place = marks.corner(for: lines) {
        for (row, line) in lines.enumerated() {
          frame.write(line, in: place.row(row), as: .faint, align: .right)
        }
        return
      }
    }
    writeBelow(all, layout, to: &frame)
  }

  /// Writes the hidden points into the last row of the chart, where no corner is free.
  private func writeBelow(_ lines: [String], _ layout: ChartLayout, to frame: inout Frame) {
    let row =
      [layout.foot, layout.names, layout.labels].first { !$0.isEmpty } ?? layout.plot.row(0)
    var place = row
    let text = lines.joined(separator: "; ")
    _ = place.cutLeft(max(0, place.width - text.count - 1))
    frame.clear(place)
    frame.write(text, in: place, as: .faint, align: .right)
  }
}
