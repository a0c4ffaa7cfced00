import Testing

@testable import Terminal

/// Charts at every size: nothing outside the area, no point lost, ticks in order.
struct ChartTests {
  /// Three methods at five budgets, two of them at the same places, with standard errors.
  private static let tradeOff: Chart = {
    var (first, second, third): ([Chart.Point], [Chart.Point], [Chart.Point]) = ([], [], [])
    for budget in 1...5 {
      let (x, y) = (Double(budget) * 0.7, 40 + 10 * Double(budget))
      first.append(
        Chart.Point(
          x, y, error: 4, name: "\(budget * 5)", emphasis: budget == 3 ? .selected : .none))
      second.append(Chart.Point(x, y, name: "\(budget)"))
      third.append(Chart.Point(Double(budget), 90 - 3 * Double(budget)))
    }
    return Chart(
      x: .init("prefill, s", startsAtZero: true), y: .init(unit: " %"),
      series: [
        Chart.Series("A", .video, first), Chart.Series("B", .audio, second),
        Chart.Series("C", .current, third),
        Chart.Series(nil, .good, [Chart.Point(0.7, 50), Chart.Point(5, 90)], line: .dotted),
      ])
  }()

  private static func curve(_ letter: Character, _ role: Role) -> Chart.Series {
    let points: [Chart.Point?] = (1...28).map { (layer: Int) -> Chart.Point? in
      guard layer != 7 else { return nil }
      let value: Double = layer < 12 ? 100 : Double(layer)
      return Chart.Point(Double(layer), value, name: "\(layer)")
    }
    return Chart.Series(letter, role, points, letters: .spaced)
  }

  private static let curves = Chart(
    x: .init("layer", range: 0.5...28.5, steps: .whole), y: .init(range: 0...100, unit: " %"),
    series: [curve("V", .video), curve("A", .audio)],
    bands: [.init(from: 10.5, to: 18.5, name: "middle", isShaded: true)])

  private static let columns = Chart(
    x: .init(range: 0...60, steps: .seconds), y: .init(startsAtZero: true),
    columns: (0..<6).map { (index: Int) -> Chart.Column in
      let from = Double(index * 10)
      return Chart.Column(
        from: from, to: from + 10, y: Double(index), role: .video, hasGround: true)
    })

  /// Values that a trace or a results file may hold.
  private static let hostile = Chart(
    x: .init(), y: .init(),
    series: [
      Chart.Series(
        "X", .error,
        [
          Chart.Point(.nan, 1), Chart.Point(1e300, -1e300, error: .infinity), nil,
          Chart.Point(-.infinity, .infinity), Chart.Point(0, 0, error: -1),
          Chart.Point(1e-300, -1e-300),
        ])
    ], columns: [.init(from: .nan, to: 3, y: .infinity, role: .text)],
    bands: [.init(from: 5, to: 1, name: "no", isShaded: true)])

  private static let all = [
    tradeOff, curves, columns, hostile, Chart(x: .init("x"), y: .init("y")),
  ]

  private static let sizes: [Size] = {
    var sizes: [Size] = []
    for height in 1...14 {
      for width in 1...40 { sizes.append(Size(width: width, height: height)) }
    }
    for (width, height) in [(80, 24), (120, 40), (200, 60), (9, 40), (200, 3)] {
      sizes.append(Size(width: width, height: height))
    }
    return sizes
  }()

  @Test(arguments: [Glyphs.utf8, .ascii], [ColorDepth.full, .mono])
  func `a chart never draws outside of its area`(glyphs: Glyphs, depth: ColorDepth) {
    let look = Look(glyphs: glyphs, depth: depth)
    for chart in Self.all {
      for size in Self.sizes {
        var frame = Frame(
          size: Size(width: size.width + 4, height: size.height + 4), look: look)
        let blank = frame[0, 0]
        let area = Rect(x: 2, y: 2, width: size.width, height: size.height)
        chart.render(in: area, to: &frame)
        for y in 0..<frame.size.height {
          for x in 0..<frame.size.width {
            if !area.contains(x: x, y: y) {
              #expect(frame[x, y] == blank, "\(size): cell \(x),\(y) is written")
            } else if glyphs.isASCII {
              #expect(frame[x, y].base < 0x7f, "\(size): cell \(x),\(y) is not ASCII")
            }
          }
        }
      }
    }
  }

  @Test(arguments: [Glyphs.utf8, .ascii])
  func `every point shows its letter or is listed as hidden`(glyphs: Glyphs) throws {
    let chart = Self.tradeOff
    for size in Self.sizes where size.width >= 24 && size.height >= 4 {
      let area = Rect(size)
      guard let layout = ChartLayout(chart, in: area, ascii: glyphs.isASCII) else { continue }
      let marks = ChartMarks(chart, layout)
      var frame = Frame(size: size, look: Look(glyphs: glyphs))
      chart.render(in: area, to: &frame)
      let points = chart.series.compactMap { one in one.letter.map { ($0, one.points.count) } }
      let total = points.reduce(0) { $0 + $1.1 }
      #expect(marks.letters.count + marks.hidden.count == total, "\(size)")
      let text = frame.glyphRows.joined(separator: "\n")
      #expect(
        marks.hidden.isEmpty || text.contains("under") || size.width < 40, "\(size):\n\(text)")
    }
  }

  @Test func `hidden points are listed with their names`() throws {
    let layout = try #require(
      ChartLayout(Self.tradeOff, in: Rect(Size(width: 80, height: 24)), ascii: false))
    #expect(ChartMarks(Self.tradeOff, layout).hiddenLines == ["B under A 1-5"])
    var frame = Frame(size: Size(width: 80, height: 24), look: Look())
    Self.tradeOff.render(in: frame.area, to: &frame)
    #expect(frame.glyphRows.joined().contains("B under A 1-5"))
  }

  @Test(arguments: [Glyphs.utf8, .ascii])
  func `equal points of curves are listed once`(glyphs: Glyphs) {
    var frame = Frame(size: Size(width: 90, height: 24), look: Look(glyphs: glyphs))
    Self.curves.render(in: frame.area, to: &frame)
    let text = frame.glyphRows.joined(separator: "\n")
    #expect(text.contains("V \(glyphs.isASCII ? "~" : "≈") A 1-6, 8-28"), "\(text)")
  }

  @Test(arguments: [Glyphs.utf8, .ascii])
  func `two equal curves both show their letters`(glyphs: Glyphs) {
    for size in [
      Size(width: 40, height: 8), Size(width: 78, height: 18), Size(width: 118, height: 34),
    ] {
      var frame = Frame(size: size, look: Look(glyphs: glyphs))
      Self.curves.render(in: frame.area, to: &frame)
      let plot = frame.glyphRows.dropLast(3).joined()
      #expect(
        plot.contains("V") && plot.contains("A"), "\(frame.glyphRows.joined(separator: "\n"))")
    }
  }

  @Test(arguments: [Glyphs.utf8, .ascii])
  func `a line has no gap between two points`(glyphs: Glyphs) throws {
    let chart = Chart(
      x: .init(range: 0...1), y: .init(range: 0...1),
      series: [
        Chart.Series("L", .video, [Chart.Point(0, 0), Chart.Point(0.4, 1), Chart.Point(1, 0.2)])
      ])
    for size in [
      Size(width: 20, height: 6), Size(width: 90, height: 30), Size(width: 30, height: 40),
    ] {
      let layout = try #require(ChartLayout(chart, in: Rect(size), ascii: glyphs.isASCII))
      let marks = ChartMarks(chart, layout)
      for x in layout.plot.x..<layout.plot.right {
        let isDrawn = (layout.plot.y..<layout.plot.bottom).contains {
          !marks.canvas.isEmpty(x: x, y: $0)
        }
        #expect(isDrawn, "column \(x) of \(size)")
      }
    }
  }

  @Test func `a standard error is a bar around its point`() throws {
    let chart = Chart(
      x: .init(range: 0...2), y: .init(range: 0...100),
      series: [Chart.Series("E", .video, [Chart.Point(1, 50, error: 20)])])
    let layout = try #require(
      ChartLayout(chart, in: Rect(Size(width: 40, height: 24)), ascii: false))
    let marks = ChartMarks(chart, layout)
    let (x, _) = layout.cell(Chart.Point(1, 50))
    for y in layout.plot.y..<layout.plot.bottom {
      let value = layout.row(70)...layout.row(30)
      let isInside =
        value.contains((y - layout.plot.y) * 4) || value.contains((y - layout.plot.y) * 4 + 3)
      #expect(marks.canvas.isEmpty(x: x, y: y) != isInside, "row \(y)")
    }
  }

  @Test func `ticks ascend at equal steps inside of the scale`() {
    var random = SystemRandomNumberGenerator()
    for steps in [ChartScale.Steps.decimal, .whole, .seconds] {
      for _ in 0..<500 {
        let low = Double.random(in: -1000...1000, using: &random)
        let width = Double.random(in: -6...8, using: &random)
        let range = low...low + width.magnitude * [1e-6, 1, 1e6].randomElement(using: &random)!
        for most in [2, 3, 5, 12] {
          for isExtended in [false, true] {
            check(
              ChartScale(range, steps, most: most, isExtended: isExtended), range, steps, most,
              isExtended)
          }
        }
      }
    }
  }

  private func check(
    _ scale: ChartScale, _ range: ClosedRange<Double>, _ steps: ChartScale.Steps, _ most: Int,
    _ isExtended: Bool
  ) {
    let what = "\(range) \(steps) \(most) \(isExtended): \(scale)"
    #expect(scale.lower < scale.upper, "\(what)")
    let slack = (scale.upper - scale.lower) * 1e-9
    #expect(
      scale.lower <= range.lowerBound + slack && scale.upper >= range.upperBound - slack, "\(what)")
    #expect(scale.ticks.allSatisfy { $0 >= scale.lower && $0 <= scale.upper }, "\(what)")
    #expect(zip(scale.ticks, scale.ticks.dropFirst()).allSatisfy { $0 < $1 }, "\(what)")
    #expect(scale.ticks.count <= most + 1, "\(what)")
    if isExtended { #expect(scale.ticks.count >= 2, "\(what)") }
    let labels = scale.ticks.map(scale.label)
    #expect(
      Set(labels).count == labels.count || scale.ticks.contains { $0.magnitude >= 1e7 }, "\(what)")
    if steps == .whole { #expect(labels.allSatisfy { !$0.contains(".") }, "\(what)") }
  }

  @Test func `an axis of seconds has the steps of a clock`() {
    #expect(
      ChartScale(0...20, .seconds, most: 11).ticks == [0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20])
    #expect(ChartScale(0...600, .seconds, most: 6).ticks == [0, 120, 240, 360, 480, 600])
    #expect(ChartScale(0...10_000, .seconds, most: 3).ticks == [0, 3600, 7200])
  }

  @Test func `labels below the axis never touch each other`() {
    for width in 8...160 {
      var frame = Frame(size: Size(width: width, height: 14), look: Look())
      Self.curves.render(in: frame.area, to: &frame)
      let row = frame.glyphRows[11]
      let numbers = row.split(separator: " ").compactMap { Int($0) }
      #expect(zip(numbers, numbers.dropFirst()).allSatisfy { $0 < $1 }, "\(width): \(row)")
      #expect(numbers.allSatisfy { (1...28).contains($0) }, "\(width): \(row)")
    }
  }
}
