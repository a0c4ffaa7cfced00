import Profiling
import Terminal

/// Screen 6: what becomes of the answer when video, audio or both go before layer l.
struct DependencyScreen: ScreenPage {
  static let title = "Dependency"
  static let shortTitle = "Depend"
  static let help = "dependency: layer by layer"
  static let keys: [AppKeyTable.Binding] = [
    .init(
      [.character("r")], .measure, in: [.screen(.dependency), .screen(.sweep)], group: "Measure",
      help: "measure, or go on with it"),
    .init(
      [.enter], .adopt, in: [.screen(.dependency)], group: "Measure",
      help: "take the proposed layers"),
  ]

  private let run: RunState

  init(_ app: App) {
    run = app.run
  }

  static func act(_ action: AppAction, in app: inout App) -> [Effect]? {
    switch action {
    case .measure:
      guard app.run.study.curve == nil else {
        app.say("the curve of this clip is complete: \(app.key(.adopt)) takes its layers")
        return []
      }
      return app.measure(.analyze)
    case .adopt: return app.adoptLayers()
    default: return nil
    }
  }

  func render(in area: Rect, to frame: inout Frame) {
    let study = run.study
    guard !study.readings.isEmpty else {
      let text =
        run.isReplay
        ? "A recording holds no model to measure with: open the clip itself."
        : run.activity == .studying
          ? "running full tokens first …"
          : "\(run.keys[.measure]) measures: video, audio or both are removed before every layer, and the answer is "
            + "compared with that of full tokens. One prefill is shared; "
            + "\(run.keys[.runOrPause]) pauses, \(run.keys[.measure]) goes on."
      Paragraph(text).render(in: area.inset(horizontal: 2, vertical: 1), to: &frame)
      return
    }
    var rest = area.inset(horizontal: 1)
    frame.write(legend, in: rest.cutTop(1))
    let lines = conclusion
    let foot = rest.cutBottom(min(lines.count, max(0, rest.height - 6)))
    chart.render(in: rest, to: &frame)
    for (index, line) in lines.prefix(foot.height).enumerated() {
      frame.write(line, in: foot.row(index))
    }
  }

  private var legend: StyledLine {
    [
      .span("answer kept, "), .span("1 − KL/largest KL, ", .faint), .span("without "),
      .span("B", .strong), .span(" both "), .span("V", .video), .span(" video "),
      .span("A", .audio), .span(" audio before layer l"),
    ]
  }

  private var chart: CurveChart {
    let worst = run.study.readings.map(\.divergence).max() ?? 0
    func values(_ removal: Removal) -> [Double?] {
      var values = [Double?](repeating: nil, count: run.layers)
      for reading in run.study.readings where reading.removal == removal {
        values[reading.layer - 1] = worst > 0 ? 1 - reading.divergence / worst : 1
      }
      return values
    }
    let blocks = run.study.curve?.blocks
    return CurveChart(
      series: [
        .init(letter: "B", role: .strong, values: values(.both)),
        .init(letter: "V", role: .video, values: values(.video)),
        .init(letter: "A", role: .audio, values: values(.audio)),
      ], layers: run.layers, middle: blocks?.middle, late: blocks?.late)
  }

  private var conclusion: [StyledLine] {
    let study = run.study
    guard let curve = study.curve else {
      let (done, all) = (study.readings.count, study.expectedReadings)
      let state =
        run.activity == .studying
        ? "measuring: \(run.keys[.runOrPause]) pauses" : "paused: \(run.keys[.measure]) goes on"
      return [[.span("\(done) of \(all) readings, "), .span(state, .current)]]
    }
    let same = curve.points.filter { $0.removal == .both && $0.sameAsFull.right > 0 }.map(\.layer)
    let kept = same.isEmpty ? "before no layer" : "before layers \(Self.ranges(same))"
    return [
      [
        .span("same answer without both "), .span(kept, .strong),
        .span(" · one clip: analyze asks many", .faint),
      ],
      [
        .span(
          "proposed  drop layers \(curve.blocks.dropLayerText)  late layer \(curve.blocks.late)",
          .good),
        .span("  \(run.keys[.adopt]) takes them"),
      ],
    ]
  }

  /// `7-9, 11`.
  private static func ranges(_ layers: [Int]) -> String {
    var runs: [ClosedRange<Int>] = []
    for layer in layers {
      if let last = runs.last, last.upperBound == layer - 1 {
        runs[runs.count - 1] = last.lowerBound...layer
      } else {
        runs.append(layer...layer)
      }
    }
    return runs.map { $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound)-\($0.upperBound)" }
      .joined(separator: ", ")
  }
}
