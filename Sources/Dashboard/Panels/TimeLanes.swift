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
    Chart(
      x: .init(range: 0...end, steps: .seconds, isShown: false),
      y: .init(range: 0...1, isShown: false), columns: columns(role, side)
    ).render(in: chart, to: &frame)
  }

  /// A column per window: the share of its tokens that is left.
  private func columns(
    _ role: Role, _ side: KeyPath<WindowLine, WindowLine.Side>
  ) -> [Chart.Column] {
    lines.enumerated().compactMap { index, line in
      let side = line[keyPath: side]
      guard side.before > 0, let seconds = side.seconds else { return nil }
      return Chart.Column(
        from: seconds.lowerBound, to: seconds.upperBound,
        y: Double(side.after) / Double(side.before), role: index == selected ? .current : role,
        hasGround: true)
    }
  }

  private func drawAxis(in row: Rect, to frame: inout Frame) {
    var axis = row.inset(horizontal: 1)
    frame.write("seconds", in: axis.cutLeft(Self.label), as: .faint)
    Chart(
      x: .init(range: 0...end, steps: .seconds), y: .init(range: 0...1, isShown: false)
    ).render(in: axis, to: &frame)
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
