import Profiling
import Selection
import Terminal

/// The temporal windows of a drop: budgets of video and audio, and weights.
struct WindowTable: Widget, Equatable {
  let windows: [WindowRecord]

  func render(in area: Rect, to frame: inout Frame) {
    let table = Table(columns: Self.columns, rowCount: shown(area)) { [windows] index in
      Self.contents(windows[index], index)
    }
    var rest = area
    let hidden = windows.count - shown(area)
    if hidden > 0 {
      frame.write(
        "… \(hidden) more \(hidden == 1 ? "window" : "windows")", in: rest.cutBottom(1), as: .faint)
    }
    table.render(in: rest, to: &frame)
  }

  /// Number of rows shown, leaving a line for the number of missing ones.
  private func shown(_ area: Rect) -> Int {
    windows.count <= area.height - 1 ? windows.count : max(0, area.height - 2)
  }

  private static let columns: [Table.Column] = [
    .init("#", .fixed(3), align: .left, priority: 9),
    .init("video", .fixed(7), priority: 8, titleRole: .video),
    .init("audio", .fixed(7), priority: 7, titleRole: .audio),
    .init("w V", .fixed(5), priority: 5, titleRole: .video),
    .init("w A", .fixed(5), priority: 4, titleRole: .audio),
    .init("kept", .flexible(minimum: 4), align: .left, priority: 3),
  ]

  private static func contents(_ window: WindowRecord, _ index: Int) -> [Table.Content] {
    [
      .text("\(index + 1)"), .text("\(window.videoBudget)/\(window.videoTokens)", .video),
      .text("\(window.audioBudget)/\(window.audioTokens)", .audio),
      .text(weight(window.videoWeight)), .text(weight(window.audioWeight)),
      .bar(
        StackedBar(
          [
            .init(Double(window.videoBudget), .video, fill: 1),
            .init(Double(window.audioBudget), .audio, fill: 2),
          ], ceiling: Double(max(1, window.videoTokens + window.audioTokens)))),
    ]
  }

  private static func weight(_ value: Float) -> String {
    String(Measure.number(Double(value) * 100).prefix(4)) + "%"
  }
}
