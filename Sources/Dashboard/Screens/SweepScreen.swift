import Evaluations
import Reports
import Selection
import Terminal

/// View state of screen 7, the sweep.
struct SweepView: ScreenView {
  /// Quantity on the horizontal axis of the chart.
  enum Axis: Sendable, Equatable {
    case time, flops
  }

  var axis = Axis.time
  var scrolled = ScrolledView()

  mutating func reopen() { scrolled.reopen() }

  mutating func toggleAxis() { axis = axis == .time ? .flops : .time }
}

/// Screen 7: methods × budgets, as a chart of accuracy over cost.
struct SweepScreen: ScreenPage {
  typealias View = SweepView

  static let name = "sweep"
  static let title = "Sweep"
  static let help = "sweep: methods and budgets"
  static let bindings = keys(
    under: "Measure", .init("measure or resume", .init(["r"], .sweep)),
    .init("load sweep results", .init(["l"], .readResults)),
    .init("list flipped answers", .init([.enter], .readFlips, hint: "flips")),
    .init("cost axis: time or FLOPs", .init(["x"], .toggleAxis)))

  static let options = [
    OptionLine("sweep cost axis", .toggleAxis) {
      $0.view[SweepScreen.self].axis == .time ? "prefill time" : "reference FLOPs"
    } change: { app, _ in
      app.view[SweepScreen.self].toggleAxis()
    }
  ]

  private let app: App

  init(_ app: App) {
    self.app = app
  }

  private var study: StudyState { app.run.study }
  private var axis: SweepView.Axis { app.view[Self.self].axis }

  static func move(_ move: Move, in app: inout App) {
    guard let distance = move.distance(page: app.pageLength) else { return }
    app.view[Self.self].scrolled.move(by: distance, last: rows(app).count - 1)
  }

  static func matches(of text: String, in app: App) -> [Int] {
    Search.indices(
      of: text, in: rows(app).map { "\($0.method) R \(Measure.share($0.retention / 100))" })
  }

  static func searchPlace(in app: App) -> Int { app.view[Self.self].scrolled.top }

  static func go(to place: Int, in app: inout App) { app.view[Self.self].scrolled.top = place }

  /// Points of a loaded results file; without one, those measured on the open clip.
  private static func rows(_ app: App) -> [SweepSummary.Point] {
    let study = app.run.study
    return (study.summary ?? SweepSummary(study.results)).points
  }

  func render(in area: Rect, to frame: inout Frame) {
    let points = Self.rows(app)
    guard !points.isEmpty else {
      Paragraph(
        (app.run.isReplay
          ? "Not in a replay: there is no model to measure with; open the clip. "
          : "\(app.key(.measure)) measures every method at R 35, 25, 15, 10 and 5 on this clip; "
            + "\(app.key(.runOrPause)) pauses, \(app.key(.measure)) resumes. ")
          + "\(app.key(.readResults)) loads results of a sweep over many questions from \(app.options.sweepPath), "
          + "\(app.key(.readFlips)) lists the questions that they answer differently."
      ).render(in: area.inset(horizontal: 2, vertical: 1), to: &frame)
      return
    }
    let summary = study.summary ?? SweepSummary(study.results)
    let tradeOff = TradeOff(summary, cost: cost)
    let methods = Self.methods(points)
    let letters = Self.letters(methods)
    var rest = area.inset(horizontal: 1)
    frame.write(heading(summary), in: rest.cutTop(1))
    let wide = rest.width >= 118
    let tableArea =
      wide ? rest.cutRight(rest.width / 2) : rest.cutBottom(min(points.count + 1, rest.height / 2))
    if wide { _ = rest.cutRight(2) }
    let most = points.map(cost).max() ?? 1
    TradeOffChart(
      points: points, tradeOff: tradeOff, methods: methods, letters: letters,
      hasAccuracy: summary.hasAccuracy,
      cost: axis == .time ? .time(axisTitle, most: most) : .flops(axisTitle, most: most)
    ).render(in: rest, to: &frame)
    table(points, methods, letters, tradeOff, hasAccuracy: summary.hasAccuracy)
      .render(in: tableArea, to: &frame)
  }

  private func heading(_ summary: SweepSummary) -> StyledLine {
    let merit = summary.hasAccuracy ? "accuracy" : "1 − KL/largest KL"
    let source: String
    if let file = study.file {
      source = "\(file), \(summary.points.map(\.questions).max() ?? 0) questions"
    } else {
      let state =
        app.run.activity == .studying
        ? ", \(app.key(.runOrPause)) pauses" : isWhole ? "" : ", \(app.key(.measure)) resumes"
      let count = isWhole ? "" : "\(study.results.count) of "
      source = "this clip, \(count)\(study.expectedResults) points\(state)"
    }
    return [
      .span("\(merit) against \(axisTitle)", .title), .span(" · \(source)"),
      .span(" · \(app.key(.toggleAxis)) changes it", .faint),
    ]
  }

  private var isWhole: Bool { study.results.count >= study.expectedResults }
  private var axisTitle: String { axis == .time ? "prefill time" : "reference FLOPs" }

  private func cost(_ point: SweepSummary.Point) -> Double {
    axis == .time ? point.prefillMs : point.referenceFlops
  }

  private static func cost(_ point: SweepSummary.Point, _ axis: SweepView.Axis) -> String {
    axis == .time ? Measure.time(point.prefillMs) : Measure.flops(point.referenceFlops)
  }

  /// Index of each point's method, in order of appearance.
  private static func methods(_ points: [SweepSummary.Point]) -> [Int] {
    var methods: [String: Int] = [:]
    for point in points where methods[point.method] == nil {
      methods[point.method] = methods.count
    }
    return points.map { methods[$0.method] ?? 0 }
  }

  /// One letter for each method.
  private static func letters(_ methods: [Int]) -> [Character] {
    let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")
    return methods.map { alphabet[$0 % alphabet.count] }
  }

  private func table(
    _ points: [SweepSummary.Point], _ methods: [Int], _ letters: [Character], _ tradeOff: TradeOff,
    hasAccuracy: Bool
  ) -> Table<Int> {
    let first = min(app.view[Self.self].scrolled.top, max(0, points.count - 1))
    let columns: [TableColumn<Int>] = [
      .init("", .fixed(1), align: .left, priority: 5) {
        .text(String(letters[$0]), Chart.role(ofSeries: methods[$0]))
      },
      .init("method", .fixed(13), align: .left, priority: 5) { .text(points[$0].method) },
      .init("R", .fixed(3), priority: 5) { .text(Measure.share(points[$0].retention / 100)) },
      .init(hasAccuracy ? "right" : "KL", .fixed(hasAccuracy ? 13 : 6), priority: 4) {
        .text(Self.merit(points[$0], hasAccuracy))
      },
      .init("same", .fixed(4), priority: 3) { .text(Self.same(points[$0])) },
      .init("kept", .fixed(6), priority: 2) {
        .text(Measure.percent(points[$0].retentionReached))
      },
      .init(axis == .time ? "prefill" : "FLOPs", .fixed(8), priority: 4) { [axis] in
        .text(Self.cost(points[$0], axis))
      },
      .init("", .flexible(minimum: 4, weight: 1), align: .left, priority: 1) {
        $0 == tradeOff.knee
          ? .text("knee", .current) : .text(tradeOff.frontier.contains($0) ? "best" : "", .good)
      },
    ]
    return Table(columns, rows: Array(points.indices.dropFirst(first)))
  }

  private static func merit(_ point: SweepSummary.Point, _ hasAccuracy: Bool) -> String {
    guard hasAccuracy, let accuracy = point.accuracy else {
      return Measure.number(point.divergence)
    }
    return
      "\(Measure.number(accuracy.share * 100)) ±\(Measure.number(accuracy.standardError * 100)) %"
  }

  private static func same(_ point: SweepSummary.Point) -> String {
    point.questions == 1
      ? (point.sameAsFull.right > 0 ? "yes" : "no") : Measure.share(point.sameAsFull.share)
  }
}

extension Screen {
  static let sweep = Screen(SweepScreen.self)
}

extension AppAction {
  static let sweep = AppAction("measure", needs: [.ownModel, .open, .idle]) { $0.sweep() }

  static let readResults = AppAction("read-results") {
    [.send(.readSweep($0.options.sweepPath))]
  }

  static let readFlips = AppAction("list-flips") { $0.readFlips() }

  static let toggleAxis = AppAction("turn-axis") { app in
    app.view[SweepScreen.self].toggleAxis()
    return []
  }
}

extension App {
  /// Measures the points of the sweep that are not measured yet.
  fileprivate mutating func sweep() -> [Effect] {
    let known = Set(run.study.results.map(\.point))
    let points = sweepPoints.filter { !known.contains($0.key) }
    (run.study.summary, run.study.file) = (nil, nil)
    guard !points.isEmpty else {
      say("every method and budget is measured on this clip")
      return []
    }
    run.study.expectedResults = known.count + points.count
    return [.send(.sweep(points))]
  }
}
