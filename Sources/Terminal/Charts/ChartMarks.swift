/// Where the lines and letters of a chart are, and which points cannot be seen.
struct ChartMarks {
  /// A letter at a cell.
  struct Letter: Equatable {
    let x, y: Int
    let series: Int
    let point: Chart.Point
  }

  /// A point in whose cell another series is shown.
  struct Hidden: Equatable {
    let series, top: Int
    let name: String
    /// Emphasis of the hidden point; a hidden frontier point is listed first.
    let emphasis: Chart.Point.Emphasis
  }

  private(set) var canvas: ChartCanvas
  private(set) var letters: [Letter] = []
  private(set) var hidden: [Hidden] = []
  /// Groups of curves with points in the same cells, and names of these points.
  private var equal: [(series: [Int], names: [String])] = []
  private let layout: ChartLayout
  private let series: [Chart.Series]
  /// The letter of each cell that has one.
  private var taken: [Cell: Letter] = [:]

  private struct Cell: Hashable {
    let x, y: Int
  }

  init(_ chart: Chart, _ layout: ChartLayout) {
    self.layout = layout
    series = chart.series
    canvas = ChartCanvas(layout)
    for index in series.indices { draw(index) }
    placeEvery()
    placeSpaced()
    findHidden()
  }

  private static func points(_ series: Chart.Series) -> [Chart.Point] {
    series.points.compactMap(\.self).filter(\.isFinite)
  }

  private mutating func draw(_ index: Int) {
    let one = series[index]
    for point in Self.points(one) where point.error > 0 && point.error.isFinite {
      canvas.bar(
        column: layout.dot(point).x,
        rows: layout.row(point.y + point.error)...layout.row(point.y - point.error), index)
    }
    var last: (x: Int, y: Int)?
    for point in one.points {
      guard let point, point.isFinite else {
        last = nil
        continue
      }
      let dot = layout.dot(point)
      if let last, one.line != .none {
        canvas.line(last, dot, index, isDotted: one.line == .dotted)
      } else if one.letter != nil {
        canvas.set(dot, index)
      }
      last = dot
    }
  }

  private func cell(_ point: Chart.Point) -> Cell {
    let cell = layout.cell(point)
    return Cell(x: cell.x, y: cell.y)
  }

  private mutating func put(_ index: Int, _ point: Chart.Point) {
    let cell = cell(point)
    let letter = Letter(x: cell.x, y: cell.y, series: index, point: point)
    taken[cell] = letter
    letters.append(letter)
  }

  /// Letters at every point; emphasised points come first.
  private mutating func placeEvery() {
    let wanted = series.indices.filter { series[$0].letters == .every && series[$0].letter != nil }
      .flatMap { index in Self.points(series[index]).map { (index, $0) } }
    for emphasis in [Chart.Point.Emphasis.selected, .strong, .none] {
      for (index, point) in wanted where point.emphasis == emphasis && taken[cell(point)] == nil {
        put(index, point)
      }
    }
  }

  /// Letters along lines, those of different series at different places.
  private mutating func placeSpaced() {
    let spaced = series.indices.filter { series[$0].letters == .spaced && series[$0].letter != nil }
    let distance = max(6, min(24, layout.plot.width / 5))
    for (order, index) in spaced.enumerated() {
      let points = Self.points(series[index])
      var next = layout.plot.x + order * distance / max(1, spaced.count)
      for (at, point) in points.enumerated() where cell(point).x >= next {
        let isLast = at == points.count - 1
        guard taken[cell(point)] == nil else { continue }
        // A cell of this series alone is better, if one comes soon.
        let soon = points[at...].prefix { cell($0).x < next + distance / 2 }
        if !isLast, canvas.owner(x: cell(point).x, y: cell(point).y) != index,
          soon.contains(where: { isOwn($0, index) && taken[cell($0)] == nil })
        {
          continue
        }
        put(index, point)
        next = cell(point).x + distance
      }
      if !letters.contains(where: { $0.series == index }),
        let free = points.first(where: { taken[cell($0)] == nil })
      {
        put(index, free)
      }
    }
  }

  private func isOwn(_ point: Chart.Point, _ index: Int) -> Bool {
    let cell = cell(point)
    return canvas.owner(x: cell.x, y: cell.y) == index
  }

  private mutating func findHidden() {
    for index in series.indices where series[index].letter != nil && series[index].letters == .every
    {
      for point in Self.points(series[index]) {
        // Two points of one series in one cell are two points too.
        guard let letter = taken[cell(point)], letter.series != index || letter.point != point
        else {
          continue
        }
        add(index, point, under: letter.series)
      }
    }
    findEqual()
  }

  /// Finds points of several curves in one cell.
  private mutating func findEqual() {
    var cells: [Cell: [(series: Int, name: String)]] = [:]
    var order: [Cell] = []
    for index in series.indices
    where series[index].letter != nil && series[index].letters == .spaced {
      for point in Self.points(series[index]) {
        let cell = cell(point)
        if cells[cell] == nil { order.append(cell) }
        cells[cell, default: []].append((index, point.name))
      }
    }
    for cell in order {
      let found = cells[cell] ?? []
      let group = Set(found.map(\.series)).sorted()
      guard group.count > 1, let name = found.first?.name else { continue }
      if let at = equal.firstIndex(where: { $0.series == group }) {
        equal[at].names.append(name)
      } else {
        equal.append((group, [name]))
      }
    }
  }

  private mutating func add(_ index: Int, _ point: Chart.Point, under top: Int) {
    // A frontier without a letter hides nothing: letters are on top of it.
    guard series[top].letter != nil else { return }
    hidden.append(Hidden(series: index, top: top, name: point.name, emphasis: point.emphasis))
  }
}

// MARK: - The list of hidden points

extension ChartMarks {
  /// Lines for the corner of the chart: `C under A 35, 25` for points under another letter, and
  /// `V ≈ A 5-7` for equal points of curves.
  var hiddenLines: [String] {
    var groups: [(series: Int, top: Int, names: [String])] = []
    for one in hidden.sorted(by: { $0.emphasis > $1.emphasis }) {
      if let at = groups.firstIndex(where: { $0.series == one.series && $0.top == one.top }) {
        groups[at].names.append(one.name)
      } else {
        groups.append((one.series, one.top, [one.name]))
      }
    }
    return equal.map { group in
      let names = Self.shortened(group.names.filter { !$0.isEmpty })
      return group.series.map(letter).joined(separator: " ≈ ") + (names.isEmpty ? "" : " \(names)")
    }
      + groups.map { group in
        let names = Self.shortened(group.names.filter { !$0.isEmpty })
        return "\(letter(group.series)) under \(letter(group.top))"
          + (names.isEmpty ? "" : " \(names)")
      }
  }

  private func letter(_ index: Int) -> String { series[index].letter.map(String.init) ?? "" }

  /// Names separated by commas; consecutive integers as a range: `1-8, 12`.
  private static func shortened(_ names: [String]) -> String {
    let numbers = names.compactMap { Int($0) }
    guard numbers.count == names.count, zip(numbers, numbers.dropFirst()).allSatisfy({ $0 <= $1 })
    else {
      return names.joined(separator: ", ")
    }
    var runs: [ClosedRange<Int>] = []
    for number in numbers {
      if let last = runs.last, number <= last.upperBound + 1 {
        runs[runs.count - 1] = last.lowerBound...max(number, last.upperBound)
      } else {
        runs.append(number...number)
      }
    }
    return runs.map {
      $0.count == 1
        ? "\($0.lowerBound)"
        : $0.count == 2 ? "\($0.lowerBound), \($0.upperBound)" : "\($0.lowerBound)-\($0.upperBound)"
    }.joined(separator: ", ")
  }

  /// A corner of the plot with room for lines of text, away from curves and letters; nil if there is
  /// none.
  func corner(for lines: [String]) -> Rect? {
    let plot = layout.plot
    let size = Size(width: lines.map(\.count).max() ?? 0, height: lines.count)
    guard !size.isEmpty, size.width + 2 <= plot.width, size.height <= plot.height else {
      return nil
    }
    let (left, right) = (plot.x + 1, plot.right - size.width - 1)
    let (top, bottom) = (plot.y, plot.bottom - size.height)
    let places = [(right, bottom), (right, top), (left, top), (left, bottom)].map {
      Rect(x: $0.0, y: $0.1, width: size.width, height: size.height)
    }
    return places.first { isFree($0) }
  }

  /// Whether no curve and no letter is in an area or directly beside it.
  private func isFree(_ area: Rect) -> Bool {
    for y in area.y..<area.bottom {
      for x in area.x - 1..<area.right + 1
      where !canvas.isEmpty(x: x, y: y) || taken[Cell(x: x, y: y)] != nil {
        return false
      }
    }
    return true
  }
}
