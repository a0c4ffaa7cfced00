import Profiling
import Selection
import Terminal

/// A row per temporal window: seconds, tokens kept, relevance and weight.
struct WindowBudgetTable: Widget {
  let windows: BoundaryWindows
  let selected: Int

  init(_ windows: BoundaryWindows, selected: Int) {
    self.windows = windows
    self.selected = selected
  }

  func render(in area: Rect, to frame: inout Frame) {
    let ceiling = windows.lines.map(\.before).max() ?? 1
    let heaviest =
      windows.lines.compactMap(\.record).map { max($0.videoWeight, $0.audioWeight) }
      .max() ?? 1
    let columns = Self.columns(
      frame.look, areWeighed: windows.areFoundAgain, haveClips: windows.haveClips)
    Table(columns: columns, rowCount: windows.lines.count, selected: selected) { [windows] index in
      Self.contents(windows.lines[index], index, ceiling, heaviest)
    }.render(in: area, to: &frame)
  }

  private static func columns(
    _ look: Look, areWeighed: Bool, haveClips: Bool
  ) -> [Table.Column] {
    let bar =
      look.isPatterned ? "V\(look.glyphs.fills[1]) A\(look.glyphs.fills[2]) kept" : "kept, gone"
    let clip: [Table.Column] = haveClips ? [.init("clip", .fixed(4), priority: 99)] : []
    let columns: [Table.Column] =
      [
        .init("#", .fixed(3), priority: 99)
      ] + clip + [
        .init("seconds", .fixed(9), priority: 98),
        .init(bar, .flexible(minimum: 11, weight: 2), align: .left, priority: 80),
        .init("video", .fixed(7), priority: 97, titleRole: .video),
        .init("audio", .fixed(7), priority: 96, titleRole: .audio),
        .init("all", .fixed(7), priority: 50),
        .init("rel.V %", .fixed(7), priority: 90, titleRole: .video),
        .init("rel.A %", .fixed(7), priority: 89, titleRole: .audio),
        .init("weight", .flexible(minimum: 6, weight: 1), align: .left, priority: 85),
        .init("w V %", .fixed(5), priority: 88, titleRole: .video),
        .init("w A %", .fixed(5), priority: 87, titleRole: .audio),
      ]
    return areWeighed ? columns : Array(columns.prefix(6 + clip.count))
  }

  private static func contents(
    _ line: WindowLine, _ index: Int, _ ceiling: Int, _ heaviest: Float
  ) -> [Table.Content] {
    let kept = StackedBar(
      [
        .init(Double(line.video.after), .video, fill: 1),
        .init(Double(line.audio.after), .audio, fill: 2),
      ], ceiling: Double(max(1, ceiling)), gone: Double(line.before - line.after))
    let span = line.seconds.map(Measure.span) ?? ""
    let clip: [Table.Content] = line.clip.map { [.text("\($0 + 1)")] } ?? []
    let contents: [Table.Content] =
      [.text("\(index + 1)")] + clip + [
        .text(line.isApart ? "!\(span)" : span), .bar(kept),
        share(line.video, .video), share(line.audio, .audio),
        .text("\(line.after)/\(line.before)"),
      ]
    guard let record = line.record else { return contents }
    return contents + weights(record, heaviest)
  }

  private static func share(_ side: WindowLine.Side, _ role: Role) -> Table.Content {
    side.before == 0 ? .text("-", .faint) : .text("\(side.after)/\(side.before)", role)
  }

  private static func weights(_ record: WindowRecord, _ heaviest: Float) -> [Table.Content] {
    let bar = StackedBar(
      [
        .init(Double(record.videoWeight), .video, fill: 1),
        .init(Double(record.audioWeight), .audio, fill: 2),
      ], ceiling: Double(max(heaviest * 2, .leastNormalMagnitude)))
    return [
      relevance(record.videoRelevance, record.videoTokens),
      relevance(record.audioRelevance, record.audioTokens), .bar(bar),
      .text(weight(record.videoWeight)), .text(weight(record.audioWeight)),
    ]
  }

  private static func relevance(_ value: Float, _ tokens: Int) -> Table.Content {
    guard tokens > 0 else { return .text("-", .faint) }
    let percent = Double(value) * 100
    return .text(
      percent < 0.0005 && percent > 0 ? "<0.001" : Measure.decimal(percent, 3))
  }

  private static func weight(_ value: Float) -> String {
    Measure.decimal(Double(value) * 100, value < 0.1 ? 2 : 1)
  }
}
