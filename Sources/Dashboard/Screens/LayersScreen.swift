import Terminal

/// Screen 1: question and answer, ledger, plan and cost.
struct LayersScreen: ScreenPage {
  struct View: ScreenView {
    var scroll = TableScroll()
    /// How attention by modality is shown.
    var attention = AttentionView.mean
  }

  static let name = "layers"
  static let title = "Layers"
  static let help = "layers: tokens left"
  static let boundary: FollowedBoundary? = .engine
  static let bindings = keys(
    under: "Navigation", .init("details", .init([.enter], .details)),
    .init("attention: mean, max", .init(["l"], .toggleAttention)))
  static let options = [
    OptionLine("attention", .toggleAttention) {
      $0.view[LayersScreen.self].attention == .mean ? "mean over heads" : "maximum over heads"
    } change: { app, _ in
      app.view[LayersScreen.self].attention = app.view[LayersScreen.self].attention.next
    }
  ]

  let app: App

  init(_ app: App) {
    self.app = app
  }

  func render(in area: Rect, to frame: inout Frame) {
    guard app.run.subject != nil else { return renderLoading(in: area, to: &frame) }
    let layout = layout(in: area, ascii: frame.glyphs.isASCII)
    question.render(in: layout.question.inset(horizontal: 1), to: &frame)
    LedgerTable(
      app.run, selected: app.selectedRow, scroll: scroll, now: app.view.now,
      attention: app.view[Self.self].attention
    ).render(in: layout.ledger, to: &frame)
    LayerTimeChart(app.run).render(in: layout.chart, to: &frame)
    renderDetails(in: layout.details, to: &frame)
    renderFacts(in: layout.facts, to: &frame)
  }

  private func layout(in area: Rect, ascii: Bool) -> LayersLayout {
    LayersLayout(
      area, facts: facts.count, steps: app.run.stepCount,
      questionHeight: question.height(
        width: area.width - 2, limit: area.height < 20 ? 2 : max(4, area.height / 5), ascii: ascii))
  }

  private var scroll: TableScroll { app.scroll(app.view[Self.self].scroll) }

  private var question: QuestionPanel { QuestionPanel(app.run) }

  /// Lines below the ledger, most important first; where space is short, the last ones are left
  /// out.
  private var facts: [Fact] {
    let facts = RunFacts(app.run, app.keys)
    return [facts.plan, facts.full(at: app.view.now), facts.cost, facts.memory, facts.keep]
      + (facts.lens.map { [$0] } ?? []) + facts.notes + [facts.around]
  }

  private func renderLoading(in area: Rect, to frame: inout Frame) {
    if let failure = app.run.log.last(where: { $0.kind == .failure }) {
      Paragraph(failure.text, role: .error)
        .render(in: area.inset(horizontal: 2, vertical: 1), to: &frame)
      return
    }
    let text =
      app.run.loading.map { "\($0) …" }
      ?? "nothing is open: \(app.key(.chooser)) opens a clip, \(app.key(.quit)) quits"
    guard app.run.subject == nil, let progress = app.run.progress else {
      frame.write(text, in: area.centered(Size(width: area.width, height: 1)), align: .center)
      return
    }
    var rows = area.centered(Size(width: min(area.width, 60), height: 3))
    frame.write("\(progress.words) …", in: rows.cutTop(1), align: .center)
    StackedBar([.init(progress.share, .current, fill: 0)], ceiling: 1)
      .render(in: rows.cutTop(1), to: &frame)
    frame.write(progress.figures, in: rows, as: .faint, align: .center)
  }

  private func renderFacts(in area: Rect, to frame: inout Frame) {
    guard !area.isEmpty else { return }
    var rest = area
    frame.rule(rest.cutTop(1))
    for fact in facts.prefix(rest.height) {
      var row = rest.cutTop(1).inset(horizontal: 1)
      frame.write(fact.label, in: row.cutLeft(5), as: .title)
      _ = row.cutLeft(1)
      frame.write(fact.line, in: row)
    }
  }

  private func renderDetails(in area: Rect, to frame: inout Frame) {
    guard !area.isEmpty else { return }
    var rest = area
    let edge = rest.cutLeft(1)
    for y in edge.y..<edge.bottom {
      frame.put(frame.glyphs.vertical, x: edge.x, y: y, style: frame.look.theme[.border])
    }
    BoundaryDetails(app.run, row: app.selectedRow, now: app.view.now)
      .render(in: rest.inset(horizontal: 1), to: &frame)
  }
}

extension Screen {
  static let layers = Screen(LayersScreen.self)
}

extension AppAction {
  /// Switches between the mean and the maximum over heads.
  static let toggleAttention = AppAction("toggle-attention", needs: [.open]) { app in
    app.view[LayersScreen.self].attention = app.view[LayersScreen.self].attention.next
    if app.run.history.lens.isEmpty { app.say(app.run.lensAbsence) }
    return []
  }

  static let details = AppAction("details") { app in
    app.view.overlay = .details
    return []
  }
}

extension LayersScreen {
  static func move(_ move: Move, in app: inout App) {
    move.distance(page: app.pageLength).map { app.moveCursor(by: $0) }
  }

  static func matches(of text: String, in app: App) -> [Int] {
    Search.indices(of: text, in: app.run.rows(at: app.view.now).map(\.searchText))
  }

  static func searchPlace(in app: App) -> Int { app.selectedRow }

  static func go(to place: Int, in app: inout App) { app.moveCursor(to: place) }

  static func holdScroll(in app: inout App) {
    let screen = LayersScreen(app)
    let ledger = screen.layout(in: AppLayout(app.view.size).body, ascii: false).ledger
    var scroll = screen.scroll
    scroll.hold(selected: app.selectedRow, count: app.run.stepCount, height: ledger.height - 1)
    app.view[Self.self].scroll = scroll
  }

  static func click(x: Int, y: Int, body: Rect, in app: inout App) {
    guard app.run.subject != nil else { return }
    let screen = LayersScreen(app)
    let ledger = screen.layout(in: body, ascii: false).ledger
    guard ledger.contains(x: x, y: y),
      let row = screen.scroll.row(
        at: y, in: ledger, selected: app.selectedRow, count: app.run.stepCount)
    else { return }
    app.moveCursor(to: row)
  }
}

extension LedgerRow {
  /// Text in which the search looks for matches.
  fileprivate var searchText: String {
    switch mark {
    case .stage1?, .prune?: "\(name) drop"
    case .remove?: "\(name) drop removal"
    case nil: name
    }
  }
}

extension App {
  /// Moves the layer cursor, which all screens about one boundary share, by some rows.
  mutating func moveCursor(by rows: Int) { moveCursor(to: selectedRow + rows) }

  /// Moves the layer cursor to a row of the ledger. Lists scroll only as far as needed.
  mutating func moveCursor(to row: Int) {
    view.screen.page.holdScroll(in: &self)
    view.inspected = min(max(0, run.stepCount - 1), max(0, row))
  }

  /// Scroll state of a list that shows the layer cursor; the cursor is in the middle until the user
  /// moves it.
  func scroll(_ scroll: TableScroll) -> TableScroll {
    view.inspected == nil ? TableScroll() : scroll
  }
}

/// Layout of screen 1, which depends on sizes only. Where space is short, the ledger stays longest.
struct LayersLayout: Equatable {
  let question, ledger, chart, details, facts: Rect

  /// Divides the area of screen 1.
  /// - Parameters:
  ///   - facts: wanted number of lines below the ledger.
  ///   - steps: number of ledger rows.
  ///   - questionHeight: wanted number of lines for question and answer.
  init(_ area: Rect, facts wanted: Int, steps: Int, questionHeight: Int) {
    var rest = area
    // The ledger first gets its title and some rows.
    let least = min(steps, area.height < 12 ? 4 : 6) + 1
    var spare = max(0, area.height - least)
    let questionRows = min(questionHeight, spare >= 5 ? spare - 3 : spare >= 2 ? 1 : 0, spare)
    question = rest.cutTop(questionRows)
    spare -= questionRows
    // If the ledger scrolls, it gets the lines that would follow the fifth fact.
    let scrolled = max(0, steps + 1 - least)
    let most = max(5, spare - scrolled - 1)
    let rows = min(wanted, most, max(0, spare - 1))
    facts = rest.cutBottom(rows > 0 ? rows + 1 : 0)
    details = rest.cutRight(area.width >= 118 ? max(40, area.width * 3 / 10) : 0)
    // Free lines show the chart of layer times.
    let left = rest.height - steps - 2
    chart = rest.cutBottom(left >= 5 ? min(left, 24) : 0)
    ledger = rest
  }
}
