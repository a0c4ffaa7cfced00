import Evaluations
import Terminal

/// A chart of cost and quality, with one letter per point for its method; the knee is marked.
struct TradeOffChart: Widget, Equatable {
  let tradeOff: TradeOff
  /// The letter of each point.
  let letters: [Character]
  /// Title of the cost axis, and its largest value as text.
  let title, most: String

  func render(in area: Rect, to frame: inout Frame) {
    guard area.height >= 4, area.width >= 24, !tradeOff.points.isEmpty else { return }
    var plot = area
    let numbers = plot.cutBottom(1)
    let axis = plot.cutLeft(6)
    let merits = tradeOff.points.map(\.merit)
    let (low, high) = (merits.min() ?? 0, merits.max() ?? 1)
    for (value, row) in [(high, 0), (low, plot.height - 1)] {
      frame.write(
        "\(Int((value * 100).rounded())) % ", in: axis.row(row), as: .faint, align: .right)
    }
    for y in plot.y..<plot.bottom {
      frame.put(frame.glyphs.vertical, x: plot.x, y: y, style: frame.look.theme[.border])
    }
    let dearest = tradeOff.points.map(\.cost).max() ?? 1
    // Frontier points are on top of others.
    let frontier = Set(tradeOff.frontier)
    let order = tradeOff.points.indices.sorted {
      (frontier.contains($0) ? 1 : 0, $1) < (frontier.contains($1) ? 1 : 0, $0)
    }
    for index in order {
      let point = tradeOff.points[index]
      let x = plot.x + 1 + Int(point.cost / max(dearest, 1e-300) * Double(plot.width - 4))
      let share = high > low ? (high - point.merit) / (high - low) : 0
      let y = plot.y + Int((share * Double(plot.height - 1)).rounded())
      let role: Role = frontier.contains(index) ? .good : .normal
      frame.put(letters[index], x: x, y: y, style: frame.look.theme[role])
      if index == tradeOff.knee {
        frame.put(frame.glyphs.cursor, x: x + 1, y: y, style: frame.look.theme[.current])
      }
    }
    var foot = numbers
    _ = foot.cutLeft(6)
    frame.write("0 · \(title)", in: foot, as: .faint)
    frame.write("\(most) ", in: foot, as: .faint, align: .right)
  }
}
