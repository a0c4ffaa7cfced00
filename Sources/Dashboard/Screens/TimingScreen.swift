import Basics
import Reports
import Runs
import Terminal

/// Screen 4: time per stage and layer, compared with full tokens and the machine's peak.
struct TimingScreen: ScreenPage {
  struct View: ScreenView {
    var scroll = TableScroll()
  }

  static let name = "timing"
  static let title = "Timing"
  static let help = "timing: stages and layers"
  static let showsPeak = true

  private let run: RunState
  private let keys: KeyLabels
  private let timing: Timing
  private let selectedRow: Int
  private let scroll: TableScroll

  init(_ app: App) {
    run = app.run
    keys = app.keys
    timing = Timing(app.run)
    selectedRow = app.selectedRow
    scroll = app.scroll(app.view[Self.self].scroll)
  }

  static func move(_ move: Move, in app: inout App) { LayersScreen.move(move, in: &app) }

  static func matches(of text: String, in app: App) -> [Int] {
    LayersScreen.matches(of: text, in: app)
  }

  static func searchPlace(in app: App) -> Int { LayersScreen.searchPlace(in: app) }

  static func go(to place: Int, in app: inout App) { LayersScreen.go(to: place, in: &app) }

  func render(in area: Rect, to frame: inout Frame) {
    guard !timing.stages.isEmpty else {
      frame.write("not run yet", in: area.row(0).inset(horizontal: 1), as: .faint)
      return
    }
    let stages = stages(in: area)
    let layout = layout(in: area)
    StageTable(timing, stages).render(in: layout.stages, to: &frame)
    strip.render(in: layout.strip.inset(horizontal: 1), to: &frame)
    render(facts: layout.facts, to: &frame)
    LayerTimeTable(timing, perToken: perToken, selected: selectedRow, scroll: scroll)
      .render(in: layout.layers, to: &frame)
  }

  /// The stages that are shown; on a screen with few rows, without their parts, so that more layers
  /// fit.
  private func stages(in area: Rect) -> [Timing.Stage] {
    timing.stages.filter { area.height >= 26 || !$0.isPart }
  }

  private func layout(in area: Rect) -> TimingLayout {
    TimingLayout(
      area, stages: stages(in: area).count, facts: facts.count,
      strip: strip.isEmpty ? 0 : LensStrip.height)
  }

  private var strip: LensStrip { LensStrip(lens: run.history.lens, layers: run.layers) }

  static func holdScroll(in app: inout App) {
    let screen = TimingScreen(app)
    var scroll = screen.scroll
    scroll.hold(
      selected: screen.timing.layer(atRow: screen.selectedRow), count: screen.timing.layers.count,
      height: screen.layout(in: AppLayout(app.view.size).body).layers.height - 1)
    app.view[Self.self].scroll = scroll
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

  private var facts: [Fact] {
    (encoders.map { [$0] } ?? []) + [prefill] + (RunFacts(run, keys).lens.map { [$0] } ?? [])
      + [decode, memory, peak]
  }

  /// A line that says that encoder outputs were read from the cache; nil if they were computed.
  private var encoders: Fact? {
    guard let record = run.ledger.current.first, let words = record.encoderSources else {
      return nil
    }
    var line = StyledLine(words, .warning)
    line.append(": times are reading times", .faint)
    return Fact(label: "encoder", line: line)
  }

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

  /// Median and range as text: `12.3 ms (11.9-14.2)`.
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
      return Fact(label: "KV", line: StyledLine("no KV cache before layer 1", .faint))
    }
    guard let held = totals.keyValueBytes else {
      return Fact(label: "KV", line: StyledLine("not recorded", .faint))
    }
    var line = StyledLine(Measure.bytes(held / totals.layersRun), .strong)
    line.append(" per layer, \(Measure.bytes(held)) in total")
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
          run.isReplay ? "not recorded" : "measured when idle", .faint))
    }
    guard peak.isKnown else {
      return Fact(
        label: "peak",
        line: StyledLine("unknown: no vector instructions for \(peak.precision) here", .faint))
    }
    var line = StyledLine("\(Measure.number(peak.flopsPerSecond / 1e9)) GFLOP/s", .strong)
    line.append(" on \(peak.threads) \(peak.threads == 1 ? "thread" : "threads")")
    line.append(", \(peak.precision): measured in registers of one core", .faint)
    return Fact(label: "peak", line: line)
  }
}

extension Screen {
  static let timing = Screen(TimingScreen.self)
}

/// Layout of screen 4: tables side by side on a wide screen, otherwise one below the other.
struct TimingLayout: Equatable {
  let stages, layers, facts, strip: Rect

  /// Divides the area of screen 4.
  /// - Parameter stripHeight: rows of the lens; it is left out on a screen with few rows.
  init(_ area: Rect, stages count: Int, facts wanted: Int, strip stripHeight: Int = 0) {
    var rest = area
    if area.width >= 150 {
      var left = rest.cutLeft(max(70, area.width * 2 / 5))
      _ = rest.cutLeft(2)
      strip = rest.cutBottom(rest.height >= 12 ? stripHeight : 0)
      layers = rest
      stages = left.cutTop(count + 1)
      facts = left
      return
    }
    strip = rest.cutBottom(area.height >= 22 ? stripHeight : 0)
    // The stages get their rows first, then the facts, but some rows remain for layers.
    stages = rest.cutTop(min(count + 1, area.height))
    let spare = rest.height - 4
    facts = rest.cutBottom(spare > 1 ? min(wanted + 1, spare) : 0)
    layers = rest
  }
}

/// A table with one row per stage: time bar, share, rate, and comparison with full tokens.
struct StageTable: Widget {
  let timing: Timing
  /// Stages that are shown.
  let stages: [Timing.Stage]

  init(_ timing: Timing, _ stages: [Timing.Stage]) {
    self.timing = timing
    self.stages = stages
  }

  func render(in area: Rect, to frame: inout Frame) {
    Table(columns, rows: stages).render(in: area.inset(horizontal: 1), to: &frame)
  }

  private var columns: [TableColumn<Timing.Stage>] {
    let (total, peak) = (timing.total, timing.peak)
    let ceiling = max(timing.stages.filter { !$0.isSum }.map(\.milliseconds).max() ?? 1, 1e-9)
    return [
      .init("stage", .fixed(12), align: .left, priority: 99) {
        .text($0.isPart ? "  \($0.name)" : $0.name, Self.role($0))
      },
      .init("time", .flexible(minimum: 8), align: .left, priority: 50) {
        $0.isSum ? .text("") : .bar(Self.bar($0, ceiling))
      },
      .init("ms", .fixed(7), priority: 98) {
        .text(Measure.number($0.milliseconds), Self.role($0))
      },
      .init("share", .fixed(6), priority: 90) {
        .text(Measure.evenPercent(total > 0 ? $0.milliseconds / total : 0), .faint)
      },
      .init("GF/s", .fixed(6), priority: 85) { .text($0.rate.map(Measure.number) ?? "") },
      .init("of peak", .fixed(7), priority: 80) { .text(Measure.peak($0.rate, peak)) },
      .init("full ms", .fixed(7), priority: 88) { .text(Self.full($0), .faint) },
      .init("faster", .fixed(6), priority: 70) { .text(Self.faster($0), Self.role($0)) },
    ]
  }

  private static func role(_ stage: Timing.Stage) -> Role {
    stage.isSum ? .strong : stage.isPart ? .faint : .normal
  }

  private static func bar(_ stage: Timing.Stage, _ ceiling: Double) -> StackedBar {
    let (role, fill) = stage.isPart ? (Role.dropped, 1) : (.current, 0)
    return StackedBar([.init(stage.milliseconds, role, fill: fill)], ceiling: ceiling)
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

/// A table with one row per layer: bar and times of attention, MLP and selection, rate, and KV
/// cache bytes.
struct LayerTimeTable: Widget {
  let timing: Timing
  /// Bytes of the keys and values of one token in one layer.
  let perToken: Int
  let selected: Int
  let scroll: TableScroll

  /// A table of the layer times.
  /// - Parameter selected: index of the selected ledger row.
  init(_ timing: Timing, perToken: Int, selected: Int, scroll: TableScroll) {
    self.timing = timing
    self.perToken = perToken
    self.selected = timing.layer(atRow: selected)
    self.scroll = scroll
  }

  func render(in area: Rect, to frame: inout Frame) {
    guard area.height > 1 else { return }
    Table(
      columns(frame.look), rows: Array(timing.layers.indices),
      selected: timing.layers.isEmpty ? nil : selected, scroll: scroll
    ).render(in: area.inset(horizontal: 1), to: &frame)
    if timing.layers.isEmpty {
      frame.write("no layers run yet", in: area.row(1).inset(horizontal: 1), as: .faint)
    }
  }

  private func columns(_ look: Look) -> [TableColumn<Int>] {
    timed(look) + rates + (timing.fullLayers.isEmpty ? [] : [full])
      + (timing.spreads.isEmpty ? [] : repeated)
  }

  /// A column with a number from a layer's record.
  private func number(
    _ title: String, _ width: Int, _ priority: Int, _ role: Role = .title,
    _ value: @escaping @Sendable (StepRecord) -> Double?
  ) -> TableColumn<Int> {
    .init(title, .fixed(width), priority: priority, titleRole: role) { [timing] in
      .text(value(timing.layers[$0]).map { Measure.number($0) } ?? "")
    }
  }

  private func timed(_ look: Look) -> [TableColumn<Int>] {
    // If patterns replace colours, column titles show the patterns.
    let signs = look.glyphs.fills.map { look.isPatterned ? String($0) : "" }
    let ceiling = max(timing.layers.map(\.totalMilliseconds).max() ?? 0, 1e-9)
    return [
      .init("layer", .fixed(8), align: .left, priority: 99) { [timing] in
        .text(timing.layers[$0].step.label)
      },
      .init("time", .flexible(minimum: 8), align: .left, priority: 91) { [timing] in
        .bar(Self.bar(timing.layers[$0], ceiling))
      },
      number("ms", 6, 98) { $0.totalMilliseconds },
      number("attn\(signs[0])", 6, 95, .current) { $0.attentionMilliseconds },
      number("MLP\(signs[1])", 6, 94, .text) { $0.feedForwardMilliseconds },
      number("select\(signs[2])", 7, 92, .error) {
        $0.drop == nil ? nil : $0.selectionMilliseconds
      },
      number("rest", 5, 60) { max(0, $0.restMilliseconds) },
    ]
  }

  private var rates: [TableColumn<Int>] {
    [
      .init("share", .fixed(6), priority: 75) { [timing] in
        let share = timing.total > 0 ? timing.layers[$0].totalMilliseconds / timing.total : 0
        return .text(Measure.evenPercent(share), .faint)
      },
      number("GF/s", 5, 90) { $0.gigaflopsPerSecond },
      .init("peak", .fixed(6), priority: 86) { [timing] in
        .text(Measure.peak(timing.layers[$0].gigaflopsPerSecond, timing.peak))
      },
      .init("KV", .fixed(8), priority: 88) { [timing, perToken] in
        .text(perToken > 0 ? Measure.bytes(timing.layers[$0].leaving.total * perToken) : "")
      },
    ]
  }

  private var full: TableColumn<Int> {
    .init("full ms", .fixed(7), priority: 89) { [times = timing.fullLayers] in
      .text($0 < times.count ? Measure.number(times[$0]) : "", .faint)
    }
  }

  private var repeated: [TableColumn<Int>] {
    let spread = { @Sendable [spreads = timing.spreads] in
      $0 < spreads.count ? spreads[$0] : nil
    }
    return [
      .init("median", .fixed(6), priority: 55) {
        .text(spread($0).map { Measure.number($0.median) } ?? "")
      },
      .init("range", .fixed(13), priority: 40) {
        let range = spread($0).map { "\(Measure.number($0.least))-\(Measure.number($0.most))" }
        return .text(range ?? "", .faint)
      },
    ]
  }

  private static func bar(_ record: StepRecord, _ ceiling: Double) -> StackedBar {
    StackedBar(
      [
        .init(record.attentionMilliseconds, .current, fill: 0),
        .init(record.feedForwardMilliseconds, .text, fill: 1),
        .init(record.selectionMilliseconds, .error, fill: 2),
      ], ceiling: ceiling, gone: max(0, record.restMilliseconds))
  }
}

extension Measure {
  /// A rate in GFLOP/s as a share of the machine's peak rate; empty if the peak is unknown.
  static func peak(_ rate: Double?, _ peak: MachinePeak?) -> String {
    guard let rate, let peak, peak.isKnown else { return "" }
    return evenPercent(rate * 1e9 / peak.flopsPerSecond)
  }
}
