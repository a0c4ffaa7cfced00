import Terminal

/// A chart of several curves over layers, with the blocks of layers; used for the dependency curve.
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
    chart.render(in: area, to: &frame)
  }

  var chart: Chart {
    Chart(
      x: .init("layer", range: 0.5...Double(layers) + 0.5, steps: .whole),
      y: .init(range: 0...100, unit: " %"),
      series: series.map { one in
        Chart.Series(
          one.letter, one.role,
          one.values.enumerated().map { index, value in
            value.map { Chart.Point(Double(index + 1), $0 * 100, name: "\(index + 1)") }
          }, letters: .spaced)
      }, bands: bands)
  }

  /// The blocks of layers; the middle one is shaded.
  private var bands: [Chart.Band] {
    guard let middle, let late else { return [] }
    let edges = [1, middle, late, layers + 1].map { Double(min($0, layers + 1)) - 0.5 }
    return [("shallow", false), ("middle", true), ("late", false)].enumerated().compactMap {
      index, block in
      guard edges[index] < edges[index + 1] else { return nil }
      return Chart.Band(
        from: edges[index], to: edges[index + 1], name: block.0, isShaded: block.1)
    }
  }
}
