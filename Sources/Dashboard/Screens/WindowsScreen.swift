import Profiling
import Selection
import Terminal

/// View state of screen 2.
struct WindowsView: ScreenView {
  /// The selected window, from 0.
  var selected = 0
}

/// Screen 2: the temporal windows at one boundary: tokens, budgets and weights.
struct WindowsScreen: ScreenPage {
  typealias View = WindowsView

  static let name = "windows"
  static let title = "Windows"
  static let help = "windows: budgets over time"
  static let boundary: FollowedBoundary? = .lastChoice
  static let bindings = keys(
    .init(
      "a layer back, on", .init([.left, "h"], .layerCursor("left", by: -1), hint: "layer"),
      .init([.right, "l"], .layerCursor("right", by: 1))))

  let app: App
  let row: LedgerRow?
  let windows: BoundaryWindows

  init(_ app: App) {
    self.app = app
    row = app.run.subject.map { app.run.row(app.selectedRow, $0, app.view.now) }
    windows = BoundaryWindows(app.run, row: app.selectedRow)
  }

  private var selected: Int { min(app.view[Self.self].selected, max(0, windows.lines.count - 1)) }

  func render(in area: Rect, to frame: inout Frame) {
    guard let row else { return LayersScreen(app).render(in: area, to: &frame) }
    let summary = BoundarySummary(app, row, windows)
    let layout = WindowsLayout(area, summary: summary.lines.count, windows: windows.lines.count)
    var top = layout.summary
    for line in summary.lines { frame.write(line, in: top.cutTop(1).inset(horizontal: 1)) }
    if windows.lines.isEmpty {
      frame.write(" no video and no audio in this prompt: nothing has a time", in: layout.table)
      return
    }
    WindowBudgetTable(windows, selected: selected).render(in: layout.table, to: &frame)
    TimeLanes(windows, selected: selected).render(in: layout.lanes, to: &frame)
    renderDetails(in: layout.details, to: &frame)
  }

  private func renderDetails(in area: Rect, to frame: inout Frame) {
    guard area.height > 1 else { return }
    var rest = area
    let story = WindowStory(windows, index: selected)
    frame.rule(rest.cutTop(1), title: story.title)
    for line in story.lines { frame.write(line, in: rest.cutTop(1).inset(horizontal: 1)) }
  }
}

extension Screen {
  static let windows = Screen(WindowsScreen.self)
}

extension WindowsScreen {
  static func move(_ move: Move, in app: inout App) {
    guard let distance = move.distance(page: app.pageLength) else { return }
    let last = BoundaryWindows(app.run, row: app.selectedRow).lines.count - 1
    let now = min(app.view[Self.self].selected, max(0, last))
    app.view[Self.self].selected = max(0, min(last, now + distance))
  }

  static func matches(of text: String, in app: App) -> [Int] {
    let windows = BoundaryWindows(app.run, row: app.selectedRow)
    let titles = windows.lines.indices.map { WindowStory(windows, index: $0).title }
    return Search.indices(of: text, in: titles)
  }

  static func searchPlace(in app: App) -> Int { app.view[Self.self].selected }

  static func go(to place: Int, in app: inout App) { app.view[Self.self].selected = place }

  static func click(x: Int, y: Int, body: Rect, in app: inout App) {
    let screen = WindowsScreen(app)
    guard let row = screen.row else { return }
    let count = screen.windows.lines.count
    let summary = BoundarySummary(app, row, screen.windows).lines.count
    let table = WindowsLayout(body, summary: summary, windows: count).table
    guard table.contains(x: x, y: y),
      let index = Table.row(at: y, in: table, selected: screen.selected, count: count)
    else { return }
    app.view[Self.self].selected = index
  }
}

/// Layout of screen 2, a pure function of sizes.
struct WindowsLayout: Equatable {
  let summary, table, lanes, details: Rect

  /// - Parameters:
  ///   - summary: requested lines of the summary.
  ///   - windows: rows of the table.
  init(_ area: Rect, summary wanted: Int, windows: Int) {
    var rest = area
    // Title and a few rows of the table first, then summary, details and lanes.
    summary = rest.cutTop(min(wanted, max(1, area.height - 4)))
    details = rest.cutBottom(rest.height >= 9 ? 4 : 0)
    table = rest.cutTop(min(windows + 1, max(4, rest.height - 3))).trimmedRight(1)
    lanes = rest.cutTop(rest.height >= 3 ? min(rest.height, 18) : 0)
  }
}
