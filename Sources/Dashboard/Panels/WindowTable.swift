import Reports
import Selection
import Terminal

/// A table of the temporal windows of a drop: budgets of video and audio, and weights.
struct WindowTable: Widget, Equatable {
  let windows: [WindowRecord]

  func render(in area: Rect, to frame: inout Frame) {
    let rows = windows.enumerated().prefix(shown(area)).map { Row(index: $0, window: $1) }
    let table = Table(Self.columns, rows: rows)
    var rest = area
    let hidden = windows.count - shown(area)
    if hidden > 0 {
      frame.write(
        "… \(hidden) more \(hidden == 1 ? "window" : "windows")", in: rest.cutBottom(1), as: .faint)
    }
    table.render(in: rest, to: &frame)
  }

  /// Number of rows that are shown; if some do not fit, one line is left for their number.
  private func shown(_ area: Rect) -> Int {
    windows.count <= area.height - 1 ? windows.count : max(0, area.height - 2)
  }

  private struct Row: Sendable {
    let index: Int
    let window: WindowRecord
  }

  private static let columns: [TableColumn<Row>] = [
    .init("#", .fixed(3), align: .left, priority: 9) { .text("\($0.index + 1)") },
    .init("video", .fixed(7), priority: 8, titleRole: .video) {
      .text("\($0.window.videoBudget)/\($0.window.videoTokens)", .video)
    },
    .init("audio", .fixed(7), priority: 7, titleRole: .audio) {
      .text("\($0.window.audioBudget)/\($0.window.audioTokens)", .audio)
    },
    .init("w V", .fixed(5), priority: 5, titleRole: .video) {
      .text(weight($0.window.videoWeight))
    },
    .init("w A", .fixed(5), priority: 4, titleRole: .audio) {
      .text(weight($0.window.audioWeight))
    },
    .init("kept", .flexible(minimum: 4), align: .left, priority: 3) { .bar(kept($0.window)) },
  ]

  private static func kept(_ window: WindowRecord) -> StackedBar {
    StackedBar(
      [
        .init(Double(window.videoBudget), .video, fill: 1),
        .init(Double(window.audioBudget), .audio, fill: 2),
      ], ceiling: Double(max(1, window.videoTokens + window.audioTokens)))
  }

  private static func weight(_ value: Float) -> String {
    String(Measure.number(Double(value) * 100).prefix(4)) + "%"
  }
}
