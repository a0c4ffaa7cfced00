import Reports
import Terminal

/// A column chart of layer times, with dots at the time of the same layer with full tokens.
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
    var title = rest.cutTop(1)
    _ = title.cutLeft(Self.axis)
    let dots = full.isEmpty ? "" : " · dots: full tokens"
    frame.write("time per layer\(dots)", in: title, as: .title)
    let numbers = rest.cutBottom(1)
    let labels = rest.cutLeft(Self.axis)
    frame.write(Measure.number(top) + " ms", in: labels.row(0), as: .faint)
    let step = min(7, max(1, rest.width / own.count))
    for layer in own.indices where (layer + 1) * step <= rest.width {
      var place = rest
      _ = place.cutLeft(layer * step)
      draw(layer, in: place.cutLeft(max(1, step - (step > 1 ? 1 : 0))), to: &frame)
    }
    label(numbers, step: step, to: &frame)
  }

  private static let axis = 9

  private func draw(_ layer: Int, in column: Rect, to frame: inout Frame) {
    let value = own[layer] ?? 0
    for x in column.x..<column.right {
      let cell = Rect(x: x, y: column.y, width: 1, height: column.height)
      if layer < full.count { dot(full[layer], in: cell, to: &frame) }
      Sparkline([value], ceiling: top, role: .current).render(in: cell, to: &frame)
    }
  }

  private func dot(_ value: Double, in column: Rect, to frame: inout Frame) {
    let rows = min(column.height, Int((value / top * Double(column.height)).rounded()))
    guard let dot = frame.glyphs.fills.last else { return }
    for row in 0..<rows {
      frame.put(dot, x: column.x, y: column.bottom - 1 - row, style: frame.look.theme[.dropped])
    }
  }

  /// Draws the number of every fourth layer, or of fewer if they do not fit.
  private func label(_ row: Rect, step: Int, to frame: inout Frame) {
    let every = max(1, (3 + step - 1) / step)
    for layer in stride(from: 0, to: own.count, by: every) {
      var place = row
      _ = place.cutLeft(Self.axis + layer * step)
      frame.write("\(layer + 1)", in: place.cutLeft(every * step), as: .faint)
    }
  }
}
