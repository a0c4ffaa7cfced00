import Reports
import Terminal

/// Video and audio over the time of the clip: for each temporal window, the share of its tokens
/// that is left.
struct TimeLanes: Widget, Equatable {
  /// Temporal windows of one clip.
  private let lines: [WindowLine]
  /// Index of the selected window.
  private let selected: Int

  /// Windows over time; for several clips, those of the selected window's clip.
  init(_ windows: BoundaryWindows, selected: Int) {
    let clip = windows.lines.indices.contains(selected) ? windows.lines[selected].clip : nil
    lines = windows.lines.filter { $0.clip == clip }
    self.selected = windows.lines.prefix(selected).count { $0.clip == clip }
  }

  private var end: Double { lines.compactMap { $0.seconds?.upperBound }.max() ?? 0 }

  func render(in area: Rect, to frame: inout Frame) {
    guard area.height >= 3, area.width > 24, end > 0 else { return }
    var rest = area
    if rest.height > 4 { _ = rest.cutTop(1) }
    let axis = rest.cutBottom(1)
    let gap = rest.height >= 5 ? 1 : 0
    let height = (rest.height - gap) / 2
    draw("video", .video, \.video, in: rest.cutTop(height), to: &frame)
    _ = rest.cutTop(gap)
    draw("audio", .audio, \.audio, in: rest, to: &frame)
    drawAxis(in: axis, to: &frame)
  }

  private static let label = 12

  private func draw(
    _ name: String, _ role: Role, _ side: KeyPath<WindowLine, WindowLine.Side>, in lane: Rect,
    to frame: inout Frame
  ) {
    var chart = lane.inset(horizontal: 1)
    let label = chart.cutLeft(Self.label)
    frame.write("\(name) kept", in: label.row(label.height - 1), as: role)
    if lane.height > 2 { frame.write("100 %", in: label.row(0).trimmedRight(1), align: .right) }
    guard let dot = frame.glyphs.fills.last else { return }
    let gone = frame.look.theme[.dropped]
    for x in 0..<chart.width {
      let cell = Rect(x: chart.x + x, y: chart.y, width: 1, height: chart.height)
      let moment = (Double(x) + 0.5) / Double(chart.width) * end
      guard let at = index(at: moment, side) else { continue }
      let found = lines[at][keyPath: side]
      for y in cell.y..<cell.bottom {
        frame.put(dot, x: cell.x, y: y, style: gone)
      }
      let share = Double(found.after) / Double(max(1, found.before))
      Sparkline([share], ceiling: 1, role: at == selected ? .current : role)
        .render(in: cell, to: &frame)
    }
  }

  /// Index of the window of a modality at a time.
  private func index(
    at moment: Double, _ side: KeyPath<WindowLine, WindowLine.Side>
  ) -> Int? {
    lines.firstIndex { line in
      let side = line[keyPath: side]
      return side.before > 0 && side.seconds?.contains(moment) == true
    }
  }

  private func drawAxis(in row: Rect, to frame: inout Frame) {
    var axis = row.inset(horizontal: 1)
    frame.write("seconds", in: axis.cutLeft(Self.label), as: .faint)
    let step = Self.step(end: end, cells: axis.width)
    var second = 0.0
    while second <= end {
      let x = Int(second / end * Double(axis.width))
      let text = Measure.decimal(second, step < 1 ? 1 : 0)
      var place = axis
      _ = place.cutLeft(min(x, max(0, axis.width - text.count)))
      frame.write(text, in: place, as: .faint)
      second += step
    }
  }

  /// Seconds between two time labels, which are at least eight cells apart.
  static func step(end: Double, cells: Int) -> Double {
    let least = end * 8 / Double(max(1, cells))
    let steps = [0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1200, 3600]
    return steps.first { $0 >= least } ?? max(least, 1)
  }
}

extension Rect {
  /// The area without its last `columns` columns.
  func trimmedRight(_ columns: Int) -> Rect {
    var rest = self
    _ = rest.cutRight(columns)
    return rest
  }
}
