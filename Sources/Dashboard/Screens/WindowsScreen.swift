import Runs
import Selection
import Terminal

/// View state of screen 2, the temporal windows.
struct WindowsView: ScreenView {
  /// Index of the selected window, from 0.
  var selected = 0
  var scroll = TableScroll(offset: 0)
}

/// Screen 2: the temporal windows at one boundary, with tokens, budgets and weights.
struct WindowsScreen: ScreenPage {
  typealias View = WindowsView

  static let name = "windows"
  static let title = "Windows"
  static let help = "windows: budgets over time"
  static let boundary: FollowedBoundary? = .lastChoice
  static let bindings = keys(
    .init(
      "previous, next layer", .init([.left, "h"], .layerCursor("left", by: -1), hint: "layer"),
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
    let layout = layout(in: area, summary)
    var top = layout.summary
    for line in summary.lines { frame.write(line, in: top.cutTop(1).inset(horizontal: 1)) }
    if windows.lines.isEmpty {
      frame.write(" no windows: the prompt has no video or audio", in: layout.table)
      return
    }
    WindowBudgetTable(windows, selected: selected, scroll: app.view[Self.self].scroll).render(
      in: layout.table, to: &frame)
    TimeLanes(windows, selected: selected).render(in: layout.lanes, to: &frame)
    renderFrames(in: layout.frames, to: &frame)
    renderDetails(in: layout.details, to: &frame)
  }

  /// The frames and the sound of the selected window and those around it.
  private func renderFrames(in area: Rect, to frame: inout Frame) {
    guard area.height >= 6, let places = app.run.places, windows.lines.indices.contains(selected)
    else { return }
    let line = windows.lines[selected]
    let clip = line.clip.flatMap { places.clips.indices.contains($0) ? places.clips[$0] : nil }
    let sources = clip ?? places.clips[0]
    let images = app.run.frameImages
    let start = line.seconds?.lowerBound ?? 0
    let layout = FrameLayout(
      area, .init(sources),
      cursor: (Int(bounded: start / sources.secondsPerGrid + 1e-6), 0, 0), zoom: nil)
    FrameStrip(
      film: images.indices.contains(sources.index)
        ? images[sources.index] : FrameImages(ClipMedia()),
      places: sources, drops: DropMap(app.run, upTo: app.selectedRow),
      marks: DropLegend(app.run, isGrey: frame.look.depth >= .full).marks, heat: nil,
      layout: layout, cursor: nil
    ).render(in: area, to: &frame)
  }

  private func layout(in area: Rect, _ summary: BoundarySummary) -> WindowsLayout {
    WindowsLayout(area, summary: summary.lines.count, windows: windows.lines.count)
  }

  /// Area of the window table; nil before a run is open.
  private func table(in area: Rect) -> Rect? {
    row.map { layout(in: area, BoundarySummary(app, $0, windows)).table }
  }

  private func renderDetails(in area: Rect, to frame: inout Frame) {
    guard area.height > 1 else { return }
    var rest = area
    let details = WindowDetails(windows, index: selected)
    frame.rule(rest.cutTop(1), title: details.title)
    for line in details.lines { frame.write(line, in: rest.cutTop(1).inset(horizontal: 1)) }
  }
}

extension Screen {
  static let windows = Screen(WindowsScreen.self)
}

extension WindowsScreen {
  static func move(_ move: Move, in app: inout App) {
    guard let distance = move.distance(page: app.pageLength) else { return }
    select(WindowsScreen(app).selected + distance, in: &app)
  }

  private static func select(_ index: Int, in app: inout App) {
    let screen = WindowsScreen(app)
    let count = screen.windows.lines.count
    if let table = screen.table(in: AppLayout(app.view.size).body) {
      app.view[Self.self].scroll.hold(
        selected: screen.selected, count: count, height: table.height - 1)
    }
    app.view[Self.self].selected = max(0, min(count - 1, index))
  }

  static func matches(of text: String, in app: App) -> [Int] {
    let windows = BoundaryWindows(app.run, row: app.selectedRow)
    let titles = windows.lines.indices.map { WindowDetails(windows, index: $0).title }
    return Search.indices(of: text, in: titles)
  }

  static func searchPlace(in app: App) -> Int { app.view[Self.self].selected }

  static func go(to place: Int, in app: inout App) { select(place, in: &app) }

  static func click(x: Int, y: Int, body: Rect, in app: inout App) {
    let screen = WindowsScreen(app)
    guard let table = screen.table(in: body), table.contains(x: x, y: y),
      let index = app.view[Self.self].scroll.row(
        at: y, in: table, selected: screen.selected, count: screen.windows.lines.count)
    else { return }
    select(index, in: &app)
  }
}

/// Layout of screen 2, which depends on sizes only.
struct WindowsLayout: Equatable {
  let summary, table, lanes, frames, details: Rect

  /// Divides the area of screen 2.
  /// - Parameters:
  ///   - summary: wanted number of lines of the summary.
  ///   - windows: number of rows of the table.
  init(_ area: Rect, summary wanted: Int, windows: Int) {
    var rest = area
    // Title and some rows of the table get space first, then summary, details and time lanes.
    summary = rest.cutTop(min(wanted, max(1, area.height - 4)))
    details = rest.cutBottom(rest.height >= 9 ? 4 : 0)
    table = rest.cutTop(min(windows + 1, max(4, rest.height - 3))).trimmedRight(1)
    // On a high screen, frames are shown below the time lanes.
    let hasFrames = rest.height >= 26
    lanes = rest.cutTop(rest.height >= 3 ? hasFrames ? 14 : rest.height : 0)
    if hasFrames { _ = rest.cutTop(1) }
    frames = hasFrames ? rest.inset(horizontal: 1) : rest.cutTop(0)
  }
}
