import Terminal

/// A chart of several series over layers, each drawn with a letter; used for the dependency curve.
struct CurveChart: Widget, Equatable {
  struct Series: Sendable, Equatable {
    let letter: Character
    let role: Role
    /// Values of a series, 0…1; element l − 1 belongs to layer l, nil if not measured yet.
    let values: [Double?]
  }

  let series: [Series]
  let layers: Int
  /// First layers of the middle block and of the late block; nil if unknown.
  let middle, late: Int?

  func render(in area: Rect, to frame: inout Frame) {
    guard area.height >= 5, area.width >= 24, layers > 0 else { return }
    var plot = area
    let blocks = plot.cutBottom(1)
    let numbers = plot.cutBottom(1)
    let axis = plot.cutLeft(6)
    for (share, row) in [(1.0, 0), (0.5, (plot.height - 1) / 2), (0, plot.height - 1)] {
      frame.write(
        "\(Int(share * 100)) % ", in: axis.row(row), as: .faint, align: .right)
    }
    for boundary in [middle, late].compactMap(\.self) where boundary <= layers {
      let x = place(boundary, plot) - 1
      for y in plot.y..<plot.bottom where x >= plot.x {
        frame.put(frame.glyphs.vertical, x: x, y: y, style: frame.look.theme[.border])
      }
    }
    // Where series overlap, the first one is on top.
    for one in series.reversed() { draw(one, plot, to: &frame) }
    label(numbers, plot, to: &frame)
    name(blocks, plot, to: &frame)
  }

  /// The screen column of a layer.
  private func place(_ layer: Int, _ plot: Rect) -> Int {
    guard layers > 1 else { return plot.x + 1 }
    return plot.x + 1 + (layer - 1) * max(0, plot.width - 3) / (layers - 1)
  }

  private func draw(_ series: Series, _ plot: Rect, to frame: inout Frame) {
    for (index, value) in series.values.enumerated() {
      guard let value else { continue }
      let row = Int(((1 - min(1, max(0, value))) * Double(plot.height - 1)).rounded())
      frame.put(
        series.letter, x: place(index + 1, plot), y: plot.y + row,
        style: frame.look.theme[series.role])
    }
  }

  private func label(_ row: Rect, _ plot: Rect, to frame: inout Frame) {
    var free = row.x
    for layer in 1...layers {
      let x = place(layer, plot)
      let text = "\(layer)"
      guard x >= free, x + text.count <= row.right else { continue }
      frame.write(text, in: Rect(x: x, y: row.y, width: text.count, height: 1), as: .faint)
      free = x + text.count + 1
    }
  }

  /// Draws the names of the blocks, truncated to their width.
  private func name(_ row: Rect, _ plot: Rect, to frame: inout Frame) {
    guard let middle, let late else { return }
    let parts = [("shallow", 1, middle), ("middle", middle, late), ("late", late, layers + 1)]
    for (name, from, to) in parts where from < to && from <= layers {
      let start = place(from, plot)
      let end = to > layers ? plot.right : place(to, plot)
      let width = max(0, end - start - 1)
      frame.write(
        name.count <= width ? name : String(name.prefix(min(3, width))),
        in: Rect(x: start, y: row.y, width: width, height: 1), as: .title)
    }
  }
}
