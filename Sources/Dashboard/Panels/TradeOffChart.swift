import Evaluations
import Reports
import Terminal

/// A chart of cost and quality: the budgets of each method are joined, the Pareto frontier is a
/// dotted staircase with bold letters, and the knee is reversed.
struct TradeOffChart: Widget {
  let points: [SweepSummary.Point]
  let tradeOff: TradeOff
  /// Index of each point's method, and its letter.
  let methods: [Int]
  let letters: [Character]
  /// Whether quality is accuracy; otherwise it is computed from the KL divergence of one clip.
  let hasAccuracy: Bool
  let cost: AxisUnit

  func render(in area: Rect, to frame: inout Frame) {
    guard area.height >= 4, area.width >= 24, !points.isEmpty else { return }
    chart.render(in: area, to: &frame)
  }

  var chart: Chart {
    Chart(
      x: .init(cost.title, startsAtZero: true), y: .init(unit: " %"), series: series + [frontier])
  }

  /// One series per method, joined from the smallest budget to the largest.
  private var series: [Chart.Series] {
    Set(methods).sorted().map { method in
      let own = points.indices.filter { methods[$0] == method }
        .sorted { points[$0].retention < points[$1].retention }
      return Chart.Series(
        own.first.map { letters[$0] }, Chart.role(ofSeries: method), own.map(point))
    }
  }

  private func point(_ index: Int) -> Chart.Point {
    let (place, point) = (tradeOff.points[index], points[index])
    let error = hasAccuracy ? (point.accuracy?.standardError ?? 0) * 100 : 0
    return Chart.Point(
      place.cost / cost.scale, place.merit * 100, error: error,
      name: Measure.nominal(point.retention),
      emphasis: index == tradeOff.knee
        ? .selected : tradeOff.frontier.contains(index) ? .strong : .none)
  }

  /// The best quality at every cost, as steps.
  private var frontier: Chart.Series {
    var steps: [Chart.Point] = []
    for index in tradeOff.frontier {
      let place = tradeOff.points[index]
      let x = place.cost / cost.scale
      if let last = steps.last { steps.append(Chart.Point(x, last.y)) }
      steps.append(Chart.Point(x, place.merit * 100))
    }
    return Chart.Series(nil, .good, steps, line: .dotted)
  }
}

/// A unit for an axis: a title with the unit, and the factor by which values are divided.
struct AxisUnit: Sendable, Equatable {
  let title: String
  let scale: Double

  /// Milliseconds or seconds for times of up to `most` milliseconds.
  static func time(_ title: String, most: Double) -> AxisUnit {
    most < 1000
      ? AxisUnit(title: "\(title), ms", scale: 1) : AxisUnit(title: "\(title), s", scale: 1000)
  }

  /// FLOPs with an SI prefix.
  static func flops(_ title: String, most: Double) -> AxisUnit {
    let prefixes = ["", "k", "M", "G", "T", "P", "E"]
    var (scale, index) = (1.0, 0)
    while most >= scale * 1000, index + 1 < prefixes.count {
      (scale, index) = (scale * 1000, index + 1)
    }
    return AxisUnit(title: "\(title), \(prefixes[index])FLOP", scale: scale)
  }
}
