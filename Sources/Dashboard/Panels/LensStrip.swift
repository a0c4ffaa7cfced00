import Reports
import Runs
import Terminal

/// The lens from layer to layer in three rows: the predicted tokens, each above the first layer of
/// its span; their probabilities as columns; and the numbers of layers.
struct LensStrip: Widget {
  static let height = 3
  private static let labelWidth = 7

  let lens: LensHistory
  let layers: Int

  /// Whether there is something to draw.
  var isEmpty: Bool { !lens.records.contains { $0.prediction != nil } }

  /// A run of layers that predict the same token.
  private struct Span {
    let first: Int
    var last: Int
    let token: LensRecord.Prediction.Candidate
  }

  private var spans: [Span] {
    lens.records.reduce(into: []) { spans, record in
      guard let token = record.prediction?.best.first else { return }
      if let last = spans.last, last.token.id == token.id {
        spans[spans.count - 1].last = record.layer
      } else {
        spans.append(Span(first: record.layer, last: record.layer, token: token))
      }
    }
  }

  func render(in area: Rect, to frame: inout Frame) {
    guard area.height >= Self.height, area.width >= Self.labelWidth + layers, !isEmpty else {
      return
    }
    let width = min(6, (area.width - Self.labelWidth) / layers)
    func cells(_ row: Int, _ layer: Int, _ count: Int) -> Rect {
      Rect(
        x: area.x + Self.labelWidth + (layer - 1) * width, y: area.y + row, width: count * width,
        height: 1)
    }
    for (row, label) in ["says", "sure", "layer"].enumerated() {
      frame.write(label, in: area.row(row), as: .title)
    }
    let answerLayer = lens.answerLayer(layers: layers)
    for span in spans {
      let cell = cells(0, span.first, span.last - span.first + 1)
      let stands = answerLayer.map { span.first >= $0 } ?? false
      frame.write(span.token.shown(width: cell.width - 1), in: cell, as: stands ? .good : .normal)
    }
    let levels = frame.glyphs.levels
    for record in lens.records {
      guard let best = record.prediction?.best.first else { continue }
      let stands = answerLayer.map { record.layer >= $0 } ?? false
      let level = Int(bounded: best.probability * Double(levels.count))
      let place = cells(1, record.layer, 1)
      for x in place.x..<place.x + max(1, width - 1) {
        frame.put(
          levels[min(levels.count - 1, max(0, level))], x: x, y: place.y,
          style: frame.look.theme[stands ? .good : .current])
      }
    }
    let every = max(1, (3 + width - 1) / width)
    for layer in stride(from: 1, through: layers, by: every) {
      frame.write("\(layer)", in: cells(2, layer, min(every, layers - layer + 1)), as: .faint)
    }
  }
}
