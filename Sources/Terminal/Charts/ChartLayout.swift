/// Places of a chart's parts in an area, and the scales of its axes.
struct ChartLayout: Equatable {
  /// Area of the curves.
  private(set) var plot: Rect
  /// Area of the labels left of the plot, with the axis line in its last column.
  private(set) var verticalAxis = Rect(x: 0, y: 0, width: 0, height: 0)
  /// Rows below the plot: axis line, tick labels, names of bands; empty if there is no room.
  private(set) var line, labels, names: Rect
  /// Rows for the titles of the vertical and of the horizontal axis; empty if there is no room.
  private(set) var heading, foot: Rect
  private(set) var x, y: ChartScale
  /// Dots per cell: 2 × 4 with braille, 1 × 1 in ASCII.
  let dots: (x: Int, y: Int)

  static func == (a: ChartLayout, b: ChartLayout) -> Bool {
    a.plot == b.plot && a.x == b.x && a.y == b.y && a.dots == b.dots
  }

  /// Lays a chart out; nil if the area is too small for it.
  init?(_ chart: Chart, in area: Rect, ascii: Bool) {
    guard area.width >= 8, area.height >= 1 else { return nil }
    dots = ascii ? (1, 1) : (2, 4)
    var rest = area
    let isTall = area.height >= 12
    heading = rest.cutTop(isTall && chart.y.isShown && !chart.y.title.isEmpty ? 1 : 0)
    foot = rest.cutBottom(isTall && chart.x.isShown && !chart.x.title.isEmpty ? 1 : 0)
    let hasNames = area.height >= 6 && chart.bands.contains { !$0.name.isEmpty }
    names = rest.cutBottom(hasNames ? 1 : 0)
    let hasLabels = area.height >= 3 || (chart.series.isEmpty && chart.columns.isEmpty)
    labels = rest.cutBottom(chart.x.isShown && hasLabels ? 1 : 0)
    line = rest.cutBottom(chart.x.isShown && area.height >= 7 ? 1 : 0)
    let vertical = chart.scale(of: \.y, chart.y, most: min(9, rest.height / 3 + 1))
    y = vertical
    if chart.y.isShown {
      let width = 2 + (vertical.ticks.map { (vertical.label($0) + chart.y.unit).count }.max() ?? 0)
      verticalAxis = rest.cutLeft(min(width, area.width / 2))
    }
    plot = rest
    x = Self.fittingScale(chart, width: rest.width)
  }

  /// The scale of x with the most ticks whose labels have two free cells between them.
  private static func fittingScale(_ chart: Chart, width: Int) -> ChartScale {
    var most = max(2, min(40, width / 4))
    while most > 2 {
      let scale = chart.scale(of: \.x, chart.x, most: most)
      let widest = scale.ticks.map { (scale.label($0) + chart.x.unit).count }.max() ?? 1
      let step = scale.ticks.count > 1 ? scale.ticks[1] - scale.ticks[0] : 0
      let cells = step / (scale.upper - scale.lower) * Double(width)
      if scale.ticks.count < 2 || cells >= Double(widest + 2) { return scale }
      most -= 1
    }
    return chart.scale(of: \.x, chart.x, most: 2)
  }

  /// The dot of a point, counted from the top left dot of the plot.
  func dot(_ point: Chart.Point) -> (x: Int, y: Int) { (column(point.x), row(point.y)) }

  func column(_ value: Double) -> Int {
    Self.dot(Self.exact(x.share(value), plot.width), plot.width, dots.x)
  }

  func row(_ value: Double) -> Int {
    Self.dot(Self.exact(1 - y.share(value), plot.height), plot.height, dots.y)
  }

  /// The place of a share of an axis, in cells: the ends are in the middle of the outer cells.
  private static func exact(_ share: Double, _ cells: Int) -> Double {
    0.5 + share * Double(max(0, cells - 1))
  }

  private static func dot(_ place: Double, _ cells: Int, _ dots: Int) -> Int {
    max(0, min(cells * dots - 1, Int(place * Double(dots))))
  }

  /// The cell of a point.
  func cell(_ point: Chart.Point) -> (x: Int, y: Int) {
    let dot = dot(point)
    return (plot.x + dot.x / dots.x, plot.y + dot.y / dots.y)
  }

  /// The exact place of a point, in cells.
  func place(_ point: Chart.Point) -> Drawing.Place {
    Drawing.Place(
      x: Double(plot.x) + Self.exact(x.share(point.x), plot.width),
      y: Double(plot.y) + Self.exact(1 - y.share(point.y), plot.height))
  }

  /// Screen columns between two values of x; at least one.
  func columns(from: Double, to: Double) -> Range<Int> {
    let edges = [from, to].map { Int((x.share($0) * Double(plot.width)).rounded()) }
    let first = min(max(0, plot.width - 1), edges[0])
    return plot.x + first..<plot.x + max(first + 1, edges[1])
  }
}

extension Chart {
  /// The scale of an axis over its range or over the values of all points.
  func scale(
    of coordinate: KeyPath<Point, Double>, _ axis: Axis, most: Int
  ) -> ChartScale {
    if let range = axis.range { return ChartScale(range, axis.steps, most: most) }
    var values: [Double] = axis.startsAtZero ? [0] : []
    for point in series.flatMap(\.points).compactMap(\.self) where point.isFinite {
      values.append(point[keyPath: coordinate])
      if coordinate == \.y, point.error.isFinite, point.error > 0 {
        values += [point.y - point.error, point.y + point.error]
      }
    }
    for column in columns {
      values += coordinate == \.y ? [0, column.y] : [column.from, column.to]
    }
    values = values.filter(\.isFinite)
    let (least, greatest) = (values.min() ?? 0, values.max() ?? 1)
    return ChartScale(least...max(least, greatest), axis.steps, most: most, isExtended: true)
  }
}
