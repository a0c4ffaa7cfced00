import Reports
import Selection
import Terminal

/// A table with one row per temporal window: seconds, kept tokens, relevance and weight.
struct WindowBudgetTable: Widget {
  let windows: BoundaryWindows
  let selected: Int
  let scroll: TableScroll

  init(_ windows: BoundaryWindows, selected: Int, scroll: TableScroll) {
    self.windows = windows
    self.selected = selected
    self.scroll = scroll
  }

  private struct Row: Sendable {
    let index: Int
    let line: WindowLine
  }

  func render(in area: Rect, to frame: inout Frame) {
    let columns =
      leading + kept(frame.look) + (windows.areFoundAgain ? weights : [])
    Table(
      columns, rows: windows.lines.enumerated().map { Row(index: $0, line: $1) },
      selected: selected, scroll: scroll
    ).render(in: area, to: &frame)
  }

  private var leading: [TableColumn<Row>] {
    var columns: [TableColumn<Row>] = [
      .init("#", .fixed(3), priority: 99) { .text("\($0.index + 1)") }
    ]
    if windows.haveClips {
      columns.append(
        .init("clip", .fixed(4), priority: 99) { .text($0.line.clip.map { "\($0 + 1)" } ?? "") })
    }
    return columns
  }

  private func kept(_ look: Look) -> [TableColumn<Row>] {
    let title =
      look.isPatterned ? "V\(look.glyphs.fills[1]) A\(look.glyphs.fills[2]) kept" : "kept, dropped"
    let ceiling = windows.lines.map(\.before).max() ?? 1
    return [
      .init("seconds", .fixed(9), priority: 98) {
        let span = $0.line.seconds.map(Measure.span) ?? ""
        return .text($0.line.isApart ? "!\(span)" : span)
      },
      .init(title, .flexible(minimum: 11, weight: 2), align: .left, priority: 80) {
        .bar(Self.kept($0.line, ceiling))
      },
      .init("video", .fixed(7), priority: 97, titleRole: .video) {
        Self.share($0.line.video, .video)
      },
      .init("audio", .fixed(7), priority: 96, titleRole: .audio) {
        Self.share($0.line.audio, .audio)
      },
      .init("all", .fixed(7), priority: 50) { .text("\($0.line.after)/\($0.line.before)") },
    ]
  }

  private static func kept(_ line: WindowLine, _ ceiling: Int) -> StackedBar {
    StackedBar(
      [
        .init(Double(line.video.after), .video, fill: 1),
        .init(Double(line.audio.after), .audio, fill: 2),
      ], ceiling: Double(max(1, ceiling)), gone: Double(line.before - line.after))
  }

  /// Columns for windows with budgets: relevance and weight.
  private var weights: [TableColumn<Row>] {
    let heaviest =
      windows.lines.compactMap(\.record).map { max($0.videoWeight, $0.audioWeight) }
      .max() ?? 1
    func column(
      _ title: String, _ width: ColumnWidth, align: Alignment = .right, _ priority: Int,
      _ role: Role = .title, _ cell: @escaping @Sendable (WindowRecord) -> TableCell
    ) -> TableColumn<Row> {
      .init(title, width, align: align, priority: priority, titleRole: role) {
        $0.line.record.map(cell) ?? .text("")
      }
    }
    return [
      column("rel.V %", .fixed(7), 90, .video) {
        Self.relevance($0.videoRelevance, $0.videoTokens)
      },
      column("rel.A %", .fixed(7), 89, .audio) {
        Self.relevance($0.audioRelevance, $0.audioTokens)
      },
      column("weight", .flexible(minimum: 6, weight: 1), align: .left, 85) {
        .bar(Self.weights($0, heaviest))
      },
      column("w V %", .fixed(5), 88, .video) { .text(Self.weight($0.videoWeight)) },
      column("w A %", .fixed(5), 87, .audio) { .text(Self.weight($0.audioWeight)) },
    ]
  }

  private static func share(_ side: WindowLine.Side, _ role: Role) -> TableCell {
    side.before == 0 ? .text("-", .faint) : .text("\(side.after)/\(side.before)", role)
  }

  private static func weights(_ record: WindowRecord, _ heaviest: Float) -> StackedBar {
    StackedBar(
      [
        .init(Double(record.videoWeight), .video, fill: 1),
        .init(Double(record.audioWeight), .audio, fill: 2),
      ], ceiling: Double(max(heaviest * 2, .leastNormalMagnitude)))
  }

  private static func relevance(_ value: Float, _ tokens: Int) -> TableCell {
    guard tokens > 0 else { return .text("-", .faint) }
    let percent = Double(value) * 100
    return .text(
      percent < 0.0005 && percent > 0 ? "<0.001" : Measure.decimal(percent, 3))
  }

  private static func weight(_ value: Float) -> String {
    Measure.decimal(Double(value) * 100, value < 0.1 ? 2 : 1)
  }
}
