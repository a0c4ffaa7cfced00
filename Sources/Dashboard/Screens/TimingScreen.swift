import Profiling
import Terminal

/// Screen 4: time per stage and layer, compared with full tokens and the machine's peak.
struct TimingScreen: ScreenPage {
  static let name = "timing"
  static let title = "Timing"
  static let help = "timing: stages and layers"
  static let showsPeak = true

  private let run: RunState
  private let keys: KeyLabels
  private let timing: Timing
  private let selectedRow: Int

  init(_ app: App) {
    run = app.run
    keys = app.keys
    timing = Timing(app.run)
    selectedRow = app.selectedRow
  }

  static func move(_ move: Move, in app: inout App) { LayersScreen.move(move, in: &app) }

  static func matches(of text: String, in app: App) -> [Int] {
    LayersScreen.matches(of: text, in: app)
  }

  static func searchPlace(in app: App) -> Int { LayersScreen.searchPlace(in: app) }

  static func go(to place: Int, in app: inout App) { LayersScreen.go(to: place, in: &app) }

  func render(in area: Rect, to frame: inout Frame) {
    guard !timing.stages.isEmpty else {
      frame.write("nothing has run yet", in: area.row(0).inset(horizontal: 1), as: .faint)
      return
    }
    // On a low screen the layers take precedence over parts of a stage.
    let stages = timing.stages.filter { area.height >= 26 || !$0.isPart }
    let layout = TimingLayout(area, stages: stages.count, facts: facts.count)
    StageTable(timing, stages).render(in: layout.stages, to: &frame)
    render(facts: layout.facts, to: &frame)
    LayerTimeTable(timing, perToken: perToken, selected: selectedRow - 2)
      .render(in: layout.layers, to: &frame)
  }

  private var perToken: Int { run.subject?.model.decoder.keyValueBytesPerToken ?? 0 }

  private func render(facts area: Rect, to frame: inout Frame) {
    var rest = area
    if rest.height > 1 { frame.rule(rest.cutTop(1)) }
    let ascii = frame.glyphs.isASCII
    let wrapped = facts.flatMap { fact in
      fact.line.wrapped(to: rest.width - 10, ascii: ascii).enumerated().map {
        Fact(label: $0 == 0 ? fact.label : "", line: $1)
      }
    }
    for fact in (wrapped.count <= rest.height ? wrapped : facts).prefix(rest.height) {
      var row = rest.cutTop(1).inset(horizontal: 1)
      frame.write(fact.label, in: row.cutLeft(7), as: .title)
      _ = row.cutLeft(1)
      frame.write(fact.line, in: row)
    }
  }

  private var facts: [Fact] { [prefill, decode, memory, peak] }

  private var prefill: Fact {
    var line = StyledLine()
    let speedup = RunTotals(run).speedup
    if let speedup {
      line.append("\(Measure.factor(speedup))  ", .strong)
    }
    line.append(Self.time(run.spread(full: false), RunTotals(run)))
    if let full = run.fullRun {
      let spread = run.spread(full: true)
      line.append("  full \(spread.map(Self.text) ?? Measure.time(full.prefillMilliseconds))")
    }
    if speedup != nil { line.append("  \(run.evidence)", .faint) }
    if run.repeats.isEmpty {
      line.append("  ")
      line.append(keys[.repeatRuns], .key)
      line.append(" repeats both", .faint)
    }
    return Fact(label: "prefill", line: line)
  }

  private static func time(_ spread: Spread?, _ totals: RunTotals) -> String {
    spread.map(text) ?? Measure.time(totals.prefillMilliseconds)
  }

  /// `12.3 ms (11.9-14.2)`.
  private static func text(_ spread: Spread) -> String {
    let isLong = spread.most >= 999.5
    let (least, most) = (spread.least / (isLong ? 1000 : 1), spread.most / (isLong ? 1000 : 1))
    let range = "\(Measure.number(least))-\(Measure.number(most))"
    return
      "\(Measure.number(spread.median / (isLong ? 1000 : 1))) \(isLong ? "s" : "ms") (\(range))"
  }

  private var decode: Fact {
    guard let own = run.answer?.millisecondsPerToken else {
      return Fact(label: "decode", line: StyledLine("no second token yet", .faint))
    }
    var line = StyledLine("\(Measure.time(own)) per token")
    if let full = run.fullRun?.answer.millisecondsPerToken {
      line.append("  full \(Measure.time(full))")
    }
    return Fact(label: "decode", line: line)
  }

  private var memory: Fact {
    let totals = RunTotals(run)
    guard totals.layersRun > 0 else {
      return Fact(label: "KV", line: StyledLine("nothing held before layer 1", .faint))
    }
    guard let held = totals.keyValueBytes else {
      return Fact(label: "KV", line: StyledLine("not recorded", .faint))
    }
    var line = StyledLine(Measure.bytes(held / totals.layersRun), .strong)
    line.append(" a layer, \(Measure.bytes(held)) in all")
    if let full = totals.fullKeyValueBytes { line.append("  full \(Measure.bytes(full))", .faint) }
    if let most = run.peakMemoryBytes {
      line.append("  process peak \(Measure.bytes(most))", .faint)
    }
    return Fact(label: "KV", line: line)
  }

  private var peak: Fact {
    guard let peak = timing.peak else {
      return Fact(
        label: "peak",
        line: StyledLine(
          run.isReplay ? "not recorded" : "measured when nothing runs", .faint))
    }
    guard peak.isKnown else {
      return Fact(
        label: "peak",
        line: StyledLine("unknown: no vector instructions for \(peak.precision) here", .faint))
    }
    var line = StyledLine("\(Measure.number(peak.flopsPerSecond / 1e9)) GFLOP/s", .strong)
    line.append(" on \(peak.threads) \(peak.threads == 1 ? "thread" : "threads")")
    line.append(", \(peak.precision): measured on one core's registers", .faint)
    return Fact(label: "peak", line: line)
  }
}

extension Screen {
  static let timing = Screen(TimingScreen.self)
}

/// Layout of screen 4: side by side if wide, otherwise stacked.
struct TimingLayout: Equatable {
  let stages, layers, facts: Rect

  init(_ area: Rect, stages count: Int, facts wanted: Int) {
    var rest = area
    if area.width >= 150 {
      var left = rest.cutLeft(max(70, area.width * 2 / 5))
      _ = rest.cutLeft(2)
      layers = rest
      stages = left.cutTop(count + 1)
      facts = left
      return
    }
    // Stages first, then facts, leaving rows for layers.
    stages = rest.cutTop(min(count + 1, area.height))
    let spare = rest.height - 4
    facts = rest.cutBottom(spare > 1 ? min(wanted + 1, spare) : 0)
    layers = rest
  }
}

/// A row per stage: time bar, share, rate, and comparison with full tokens.
struct StageTable: Widget {
  let timing: Timing
  /// The visible stages.
  let stages: [Timing.Stage]

  init(_ timing: Timing, _ stages: [Timing.Stage]) {
    self.timing = timing
    self.stages = stages
  }

  func render(in area: Rect, to frame: inout Frame) {
    let (timing, stages) = (timing, stages)
    Table(columns: Self.columns, rowCount: stages.count) { index in
      Self.contents(stages[index], timing)
    }.render(in: area.inset(horizontal: 1), to: &frame)
  }

  private static let columns: [Table.Column] = [
    .init("stage", .fixed(12), align: .left, priority: 99),
    .init("time", .flexible(minimum: 8), align: .left, priority: 50),
    .init("ms", .fixed(7), priority: 98),
    .init("share", .fixed(6), priority: 90),
    .init("GF/s", .fixed(6), priority: 85),
    .init("of peak", .fixed(7), priority: 80),
    .init("full ms", .fixed(7), priority: 88),
    .init("faster", .fixed(6), priority: 70),
  ]

  private static func contents(_ stage: Timing.Stage, _ timing: Timing) -> [Table.Content] {
    let role: Role = stage.isSum ? .strong : stage.isPart ? .faint : .normal
    let share = timing.total > 0 ? stage.milliseconds / timing.total : 0
    let rate = Timing.rate(stage.flops, stage.milliseconds)
    let ceiling = timing.stages.filter { !$0.isSum }.map(\.milliseconds).max() ?? 1
    return [
      .text(stage.isPart ? "  \(stage.name)" : stage.name, role),
      stage.isSum
        ? .text("")
        : .bar(
          StackedBar(
            [
              .init(
                stage.milliseconds, stage.isPart ? .dropped : .current, fill: stage.isPart ? 1 : 0)
            ], ceiling: max(ceiling, 1e-9))),
      .text(Measure.number(stage.milliseconds), role), .text(Measure.evenPercent(share), .faint),
      .text(rate.map(Measure.number) ?? ""),
      .text(Measure.peak(rate, timing.peak)), .text(full(stage), .faint),
      .text(faster(stage), role),
    ]
  }

  private static func full(_ stage: Timing.Stage) -> String {
    stage.fullMilliseconds.map { Measure.number(max(0, $0)) } ?? ""
  }

  private static func faster(_ stage: Timing.Stage) -> String {
    guard stage.isCompared, let full = stage.fullMilliseconds, full > 0,
      stage.milliseconds > 0
    else { return "" }
    return Measure.factor(full / stage.milliseconds)
  }
}

/// A row per layer: attention, MLP and selection as a bar, their times, the rate, and KV bytes.
struct LayerTimeTable: Widget {
  let timing: Timing
  /// Bytes of one token's keys and values in a layer.
  let perToken: Int
  let selected: Int

  init(_ timing: Timing, perToken: Int, selected: Int) {
    self.timing = timing
    self.perToken = perToken
    self.selected = selected
  }

  func render(in area: Rect, to frame: inout Frame) {
    guard area.height > 1 else { return }
    let contents = self
    Table(
      columns: columns(frame.look), rowCount: timing.layers.count,
      selected: timing.layers.isEmpty ? nil : min(max(0, selected), timing.layers.count - 1)
    ) { contents.contents($0) }.render(in: area.inset(horizontal: 1), to: &frame)
    if timing.layers.isEmpty {
      frame.write("no layer has run yet", in: area.row(1).inset(horizontal: 1), as: .faint)
    }
  }

  private func columns(_ look: Look) -> [Table.Column] {
    // The titles show patterns if they replace colours.
    let signs = look.glyphs.fills.map { look.isPatterned ? String($0) : "" }
    var columns: [Table.Column] = [
      .init("layer", .fixed(8), align: .left, priority: 99),
      .init("time", .flexible(minimum: 8), align: .left, priority: 91),
      .init("ms", .fixed(6), priority: 98),
      .init("attn\(signs[0])", .fixed(6), priority: 95, titleRole: .current),
      .init("MLP\(signs[1])", .fixed(6), priority: 94, titleRole: .text),
      .init("select\(signs[2])", .fixed(7), priority: 92, titleRole: .error),
      .init("rest", .fixed(5), priority: 60),
      .init("share", .fixed(6), priority: 75),
      .init("GF/s", .fixed(5), priority: 90),
      .init("peak", .fixed(6), priority: 86),
      .init("KV", .fixed(8), priority: 88),
    ]
    if !timing.fullLayers.isEmpty { columns.append(.init("full ms", .fixed(7), priority: 89)) }
    if !timing.spreads.isEmpty {
      columns += [
        .init("median", .fixed(6), priority: 55), .init("range", .fixed(13), priority: 40),
      ]
    }
    return columns
  }

  private func contents(_ index: Int) -> [Table.Content] {
    let record = timing.layers[index]
    let ceiling = max(timing.layers.map(\.totalMilliseconds).max() ?? 0, 1e-9)
    let rate = record.gigaflopsPerSecond
    var contents: [Table.Content] = [
      .text(record.step.label), .bar(bar(record, ceiling)),
      number(record.totalMilliseconds), number(record.attentionMilliseconds),
      number(record.feedForwardMilliseconds),
      record.drop == nil ? .text("") : number(record.selectionMilliseconds),
      number(max(0, record.restMilliseconds)),
      .text(
        Measure.evenPercent(timing.total > 0 ? record.totalMilliseconds / timing.total : 0), .faint),
      .text(rate.map(Measure.number) ?? ""), .text(Measure.peak(rate, timing.peak)),
      .text(perToken > 0 ? Measure.bytes(record.leaving.total * perToken) : ""),
    ]
    if !timing.fullLayers.isEmpty {
      contents.append(
        .text(
          index < timing.fullLayers.count ? Measure.number(timing.fullLayers[index]) : "", .faint))
    }
    if index < timing.spreads.count {
      let spread = timing.spreads[index]
      contents += [
        number(spread.median),
        .text("\(Measure.number(spread.least))-\(Measure.number(spread.most))", .faint),
      ]
    }
    return contents
  }

  private func bar(_ record: StepRecord, _ ceiling: Double) -> StackedBar {
    StackedBar(
      [
        .init(record.attentionMilliseconds, .current, fill: 0),
        .init(record.feedForwardMilliseconds, .text, fill: 1),
        .init(record.selectionMilliseconds, .error, fill: 2),
      ], ceiling: ceiling, gone: max(0, record.restMilliseconds))
  }

  private func number(_ value: Double) -> Table.Content { .text(Measure.number(value)) }
}

extension Measure {
  /// A rate in GFLOP/s as a share of the machine's peak; empty if unknown.
  static func peak(_ rate: Double?, _ peak: MachinePeak?) -> String {
    guard let rate, let peak, peak.isKnown else { return "" }
    return evenPercent(rate * 1e9 / peak.flopsPerSecond)
  }
}
