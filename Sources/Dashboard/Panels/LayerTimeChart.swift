import Reports
import Terminal

/// A column chart of layer times, with a line F of the same layers with full tokens.
struct LayerTimeChart: Widget, Equatable {
  /// Milliseconds of layers 1…L including selection; nil for layers that have not run.
  let own: [Double?]
  /// Milliseconds of layers 1…L with full tokens; empty if full tokens have not run.
  let full: [Double]

  init(_ run: RunState) {
    let records = run.ledger.current
    own = (0..<run.layers).map { layer in
      guard layer + 2 < records.count else { return nil }
      let record = records[layer + 2]
      return record.totalMilliseconds
    }
    full = run.fullRun?.layerMilliseconds ?? []
  }

  /// Whether there are no times to draw.
  var isEmpty: Bool { own.isEmpty || (full.isEmpty && own.allSatisfy { $0 == nil }) }

  private var top: Double { max(own.compactMap { $0 }.max() ?? 0, full.max() ?? 0) }

  func render(in area: Rect, to frame: inout Frame) {
    guard !isEmpty, area.height >= 4, area.width >= 20, top > 0 else { return }
    var rest = area
    var title: StyledLine = [.span("time per layer, \(unit.title)", .title)]
    if !full.isEmpty { title = title + [.span(" · "), .span("F", .error), .span(" full tokens")] }
    frame.write(title, in: rest.cutTop(1).inset(horizontal: 1))
    // Wide columns of few layers would be hard to compare.
    chart.render(in: rest.cutLeft(own.count * 7 + 9), to: &frame)
  }

  private var unit: AxisUnit {
    top < 1000 ? AxisUnit(title: "ms", scale: 1) : AxisUnit(title: "s", scale: 1000)
  }

  var chart: Chart {
    let columns = own.enumerated().compactMap { index, time in
      time.map {
        Chart.Column(
          from: Double(index) + 0.5, to: Double(index) + 1.5, y: $0 / unit.scale, role: .current)
      }
    }
    let line = full.prefix(own.count).enumerated().map { index, time in
      Chart.Point(Double(index + 1), time / unit.scale, name: "\(index + 1)")
    }
    return Chart(
      x: .init(range: 0.5...Double(own.count) + 0.5, steps: .whole), y: .init(startsAtZero: true),
      series: line.isEmpty ? [] : [Chart.Series("F", .error, line, letters: .spaced)],
      columns: columns)
  }
}
