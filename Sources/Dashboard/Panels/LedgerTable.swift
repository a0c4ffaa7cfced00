import Profiling
import Selection
import Terminal

/// A row per boundary: what was left of text, video and audio, what it cost, and where the engine
/// stands. Rows not yet run show the plan's prediction, thin and with `~`.
struct LedgerTable: Widget, Equatable {
  let rows: [LedgerRow]
  let selected: Int
  /// Rows before this one have run.
  let done: Int
  /// Tokens that fill a bar.
  let ceiling: Int
  /// Rows that a breakpoint stops before, and rows that one is expected to stop after.
  let stopsBefore, stopsAfter: Set<Int>
  /// Milliseconds of each layer with full tokens, where known.
  let fullLayers: [Double]

  init(_ run: RunState, selected: Int, now: Duration) {
    rows = run.rows(at: now)
    self.selected = selected
    done = run.ledger.current.count
    ceiling = run.subject?.prompt.counts.total ?? 1
    fullLayers = run.fullRun?.layerMilliseconds ?? []
    let stops = rows.map { run.breakpoints(at: $0) }
    stopsBefore = Set(rows.indices.filter { stops[$0].isBefore })
    stopsAfter = Set(rows.indices.filter { stops[$0].isAfter })
  }

  func render(in area: Rect, to frame: inout Frame) {
    let glyphs = frame.glyphs
    var columns = Self.columns(
      barWidth: max(12, area.width * 21 / 100), title: barTitle(frame.look))
    if fullLayers.isEmpty { columns.removeLast() }
    Table(columns: columns, rowCount: rows.count, selected: selected) { [self] index in
      contents(index, glyphs)
    }.render(in: area, to: &frame)
  }

  /// Where patterns stand for colours, the title says which is which.
  private func barTitle(_ look: Look) -> String {
    guard look.isPatterned else { return "tokens" }
    return zip(["T", "V", "A"], look.glyphs.fills).map { "\($0)\($1)" }.joined(separator: " ")
  }

  private static func columns(barWidth: Int, title: String) -> [Table.Column] {
    [
      .init("", .fixed(2), align: .left, priority: 99),
      .init("after", .fixed(8), align: .left, priority: 98),
      .init(title, .flexible(minimum: barWidth), align: .left, priority: 87),
      .init("text", .fixed(6), priority: 88, titleRole: .text),
      .init("video", .fixed(6), priority: 95, titleRole: .video),
      .init("audio", .fixed(6), priority: 94, titleRole: .audio),
      .init("drop", .fixed(7), priority: 93),
      .init("ms", .fixed(6), priority: 92),
      .init("GF/s", .fixed(5), priority: 60),
      .init("KV", .fixed(8), priority: 80),
      .init("kept", .fixed(6), priority: 30),
      .init("select", .fixed(7), priority: 20),
      .init("GFLOP", .fixed(6), priority: 15),
      .init("full ms", .fixed(7), priority: 25),
    ]
  }

  private func contents(_ index: Int, _ glyphs: Glyphs) -> [Table.Content] {
    let row = rows[index]
    let role: Role = row.record == nil ? .planned : .normal
    return [
      mark(row, index, glyphs), .text(row.name, nameRole(row, index)), .bar(bar(row)),
      count(row.leaving.textAndImage, row, .text), count(row.leaving.video, row, .video),
      count(row.leaving.audio, row, .audio), drop(row, glyphs), milliseconds(row),
      .text(rate(row), role),
      .text(row.record?.keyValueBytes.map { Measure.bytes($0) } ?? "", role),
      .text(kept(row), role), .text(selection(row), role),
      .text(row.record?.executedFlops.map { Measure.number($0 / 1e9) } ?? "", role),
      .text(full(row), .faint),
    ]
  }

  private func mark(_ row: LedgerRow, _ index: Int, _ glyphs: Glyphs) -> Table.Content {
    let (sign, role): (Character, Role) =
      switch row.state {
      case .done: (glyphs.done, .good)
      case .running: (glyphs.running, .current)
      case .waiting where index == done: (glyphs.engine, .current)
      case .waiting: (glyphs.waiting, .planned)
      }
    return .line([.span(gutter(index, glyphs), .error), .span(String(sign), role)])
  }

  private func gutter(_ index: Int, _ glyphs: Glyphs) -> String {
    if stopsBefore.contains(index) { return String(glyphs.breakpoint) }
    return stopsAfter.contains(index) ? String(glyphs.condition) : " "
  }

  private func nameRole(_ row: LedgerRow, _ index: Int) -> Role {
    switch row.state {
    case .done: .normal
    case .running: .current
    case .waiting: index == done ? .current : .planned
    }
  }

  private func bar(_ row: LedgerRow) -> StackedBar {
    let counts = row.isCountKnown ? row.leaving : ModalityCounts()
    return StackedBar(
      [
        .init(Double(counts.textAndImage), .text, fill: 0),
        .init(Double(counts.video), .video, fill: 1),
        .init(Double(counts.audio), .audio, fill: 2),
      ], ceiling: Double(max(1, ceiling)), isPlanned: row.record == nil,
      gone: row.isCountKnown ? Double(row.dropped) : 0)
  }

  private func count(_ tokens: Int, _ row: LedgerRow, _ role: Role) -> Table.Content {
    guard row.isCountKnown else { return .text("") }
    return row.record == nil
      ? .text("~\(Measure.count(tokens))", .planned)
      : .text(Measure.count(tokens), tokens == 0 ? .faint : role)
  }

  private func drop(_ row: LedgerRow, _ glyphs: Glyphs) -> Table.Content {
    // Counts may be known where the survivors are not.
    let isCounted = row.record != nil && row.dropped > 0
    guard let kind = row.mark ?? (isCounted ? .prune : nil) else { return .text("") }
    let sign = kind == .remove ? glyphs.remove : glyphs.prune
    let text = "\(sign)\(row.record == nil ? "~" : "")\(Measure.count(row.dropped))"
    return .text(text, row.record == nil ? .planned : .strong)
  }

  private func milliseconds(_ row: LedgerRow) -> Table.Content {
    switch row.state {
    case .done(let record): .text(Measure.number(record.totalMilliseconds))
    case .running(let elapsed): .text(Measure.number(max(0, elapsed)), .current)
    case .waiting: .text("")
    }
  }

  private func rate(_ row: LedgerRow) -> String {
    let rate = row.record.flatMap { Timing.rate($0.executedFlops, $0.totalMilliseconds) }
    return rate.map { Measure.number($0) } ?? ""
  }

  private func kept(_ row: LedgerRow) -> String {
    guard row.isCountKnown else { return "" }
    return Measure.evenPercent(Double(row.leaving.total) / Double(max(1, ceiling)))
  }

  private func selection(_ row: LedgerRow) -> String {
    guard let record = row.record, record.drop != nil else { return "" }
    return Measure.number(record.selectionMilliseconds) + "ms"
  }

  private func full(_ row: LedgerRow) -> String {
    guard case .layer(let layer) = row.step, layer <= fullLayers.count else { return "" }
    return Measure.number(fullLayers[layer - 1])
  }
}
