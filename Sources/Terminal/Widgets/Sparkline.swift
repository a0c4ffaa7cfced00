/// A chart of values over time as columns of blocks, newest at the right.
public struct Sparkline: Widget, Equatable {
  public let values: [Double]
  /// Value drawn with full height; nil for the largest value shown.
  public let ceiling: Double?
  public let role: Role

  public init(_ values: [Double], ceiling: Double? = nil, role: Role = .normal) {
    self.values = values
    self.ceiling = ceiling
    self.role = role
  }

  public func render(in area: Rect, to frame: inout Frame) {
    guard !area.isEmpty else { return }
    let shown = values.suffix(area.width)
    let top = ceiling ?? shown.max() ?? 0
    guard top > 0 else { return }
    let levels = frame.glyphs.levels
    let style = frame.look.theme[role]
    let firstX = area.right - shown.count
    for (offset, value) in shown.enumerated() where value > 0 {
      let share = min(1, value / top)
      let units = max(1, Int((share * Double(area.height * levels.count)).rounded()))
      for row in 0..<area.height {
        let level = min(levels.count, units - row * levels.count)
        guard level > 0 else { break }
        frame.put(levels[level - 1], x: firstX + offset, y: area.bottom - 1 - row, style: style)
      }
    }
  }
}
