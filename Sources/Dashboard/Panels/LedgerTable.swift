import Reports
import Runs
import Selection
import Terminal

/// The ledger: a table with one row per step, with tokens left, cost and the engine's position.
/// Rows of future steps show the prediction of the plan, drawn thin and with `~`.
struct LedgerTable: Widget, Equatable {
  let rows: [LedgerRow]
  let selected: Int
  let scroll: TableScroll
  /// Number of rows whose steps have run.
  let done: Int
  /// Number of tokens shown as a full bar.
  let ceiling: Int
  /// Rows with a breakpoint before them, and rows after which a breakpoint is expected to pause.
  let stopsBefore, stopsAfter: Set<Int>
  /// Milliseconds of each layer with full tokens; empty if unknown.
  let fullLayers: [Double]
  let takesAudio: Bool
  /// What the lens shows of the finished layers and of the full-token run, and how attention is
  /// shown.
  let lens: LensHistory
  let fullLens: [LensRecord]
  let attention: AttentionView
  /// The first layer from which on the predicted token stays the same; nil before the head has run.
  private let answerLayer: Int?

  init(
    _ run: RunState, selected: Int, scroll: TableScroll = TableScroll(), now: Duration,
    attention: AttentionView = .mean
  ) {
    lens = run.history.lens
    fullLens = run.fullRun?.lens ?? []
    answerLayer = lens.answerLayer(layers: run.layers)
    self.attention = attention
    rows = run.rows(at: now)
    self.selected = selected
    self.scroll = scroll
    done = run.ledger.current.count
    ceiling = run.subject?.prompt.counts.total ?? 1
    takesAudio = run.subject?.model.family.takesAudio ?? true
    fullLayers = run.fullRun?.layerMilliseconds ?? []
    let stops = rows.map { run.breakpoints(at: $0) }
    stopsBefore = Set(rows.indices.filter { stops[$0].isBefore })
    stopsAfter = Set(rows.indices.filter { stops[$0].isAfter })
  }

  func render(in area: Rect, to frame: inout Frame) {
    let glyphs = frame.glyphs
    let entries = rows.map(entry)
    let shown = LedgerColumn.all.filter { column in
      guard takesAudio || !column.isAudio, column.isUseful(in: entries) else { return false }
      guard case .comparison = column.screen?.style else { return column.screen != nil }
      return entries.contains { column.value($0) != nil }
    }
    let hasLens = !lens.isEmpty
    // At 80 columns the lens and the scroll bar fit beside a bar of this width.
    let barWidth = hasLens && area.width < 100 ? 11 : max(12, area.width * 21 / 100)
    let columns: [TableColumn<Int>] = [
      .init("", .fixed(2), align: .left, priority: 99) { [self] in mark(rows[$0], $0, glyphs) },
      .init("after", .fixed(8), align: .left, priority: 98) { [self] in
        .text(rows[$0].name, nameRole(rows[$0], $0))
      },
      .init(barTitle(frame.look), .flexible(minimum: barWidth), align: .left, priority: 87) {
        [self] in .bar(bar(rows[$0]))
      },
    ]
    let measured = shown.compactMap { column in
      column.screen.map { screen in
        TableColumn<Int>(
          screen.title, .fixed(screen.width), priority: screen.priority,
          titleRole: Self.titleRole(screen)
        ) { cell(column, screen, entries[$0], glyphs) }
      }
    }
    Table(
      columns + measured + looks(entries), rows: Array(rows.indices), selected: selected,
      scroll: scroll
    )
    .render(in: area, to: &frame)
  }

  /// Title of the bar column, with a legend if patterns replace colours.
  private func barTitle(_ look: Look) -> String {
    guard look.isPatterned else { return "tokens" }
    return zip(["T", "V", "A"], look.glyphs.fills).map { "\($0)\($1)" }.joined(separator: " ")
  }

  private static func titleRole(_ screen: LedgerColumn.Screen) -> Role {
    if case .tokens(let modality) = screen.style { modality.role } else { .title }
  }

  private func entry(_ row: LedgerRow) -> LedgerEntry {
    var (running, full): (Double?, Double?) = (nil, nil)
    if case .running(let elapsed) = row.state { running = max(0, elapsed) }
    if case .layer(let layer) = row.step, layer <= fullLayers.count { full = fullLayers[layer - 1] }
    var entry = LedgerEntry(
      step: row.step, entering: row.entering, leaving: row.isCountKnown ? row.leaving : nil,
      record: row.record, drop: row.mark, runningMilliseconds: running, fullMilliseconds: full,
      promptTokens: ceiling)
    if case .layer(let layer) = row.step {
      if row.record != nil { entry.lens = lens[layer] }
      entry.fullLens = fullLens.first { $0.layer == layer }
    }
    return entry
  }

  /// Columns with the attention of the next token's row by modality, here and with full tokens.
  private func looks(_ entries: [LedgerEntry]) -> [TableColumn<Int>] {
    func column(
      _ title: String, _ priority: Int,
      _ shares: @escaping @Sendable (LedgerEntry) -> LensRecord.Attention?
    ) -> [TableColumn<Int>] {
      guard entries.contains(where: { shares($0) != nil }) else { return [] }
      return [
        .init(title, .fixed(AttentionView.width), align: .left, priority: priority) {
          [attention] in shares(entries[$0]).map(attention.cell) ?? .text("")
        }
      ]
    }
    return column(attention.title, 82) { $0.lens?.attention }
      + column("full looks", 21) { $0.fullLens?.attention }
  }

  private func cell(
    _ column: LedgerColumn, _ screen: LedgerColumn.Screen, _ entry: LedgerEntry, _ glyphs: Glyphs
  ) -> TableCell {
    guard let text = column.text(entry, screen.format) else { return .text("") }
    let isPlanned = entry.record == nil
    switch screen.style {
    case .tokens(let modality):
      return isPlanned
        ? .text("~\(text)", .planned)
        : .text(text, column.value(entry) == 0 ? .faint : modality.role)
    case .drop:
      let sign = entry.drop == .remove ? glyphs.remove : glyphs.prune
      return isPlanned ? .text("\(sign)~\(text)", .planned) : .text("\(sign)\(text)", .strong)
    case .time: return .text(text, isPlanned ? .current : .normal)
    case .plain: return .text(text, isPlanned ? .planned : .normal)
    case .lens: return .text(text, stands(entry) ? .good : .normal)
    case .comparison: return .text(text, .faint)
    }
  }

  /// Whether the token that the lens predicts after a layer is the final one from there on.
  private func stands(_ entry: LedgerEntry) -> Bool {
    guard let answerLayer, let layer = entry.lens?.layer else { return false }
    return layer >= answerLayer
  }

  private func mark(_ row: LedgerRow, _ index: Int, _ glyphs: Glyphs) -> TableCell {
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
}

extension Modality {
  /// Colour role of the modality; images have that of text.
  var role: Role {
    switch self {
    case .text, .image: .text
    case .video: .video
    case .audio: .audio
    }
  }
}
