import Evaluations
import Reports
import Terminal

/// View state of screen 6.
struct DependencyView: ScreenView {
  /// Whether the worth of windows is shown instead of the dependency curve.
  var showsWorth = false
  /// Whether windows are left out of the run with the current plan instead of full tokens.
  var isOnPlan = false
  /// First layer without the window; nil for the one after the first drop layer.
  var fromLayer: Int?
}

/// Screen 6: the dependency curve, the effect of removing video, audio or both before layer l; or
/// the worth of each window.
struct DependencyScreen: ScreenPage {
  typealias View = DependencyView

  static let name = "dependency"
  static let title = "Dependency"
  static let shortTitle = "Depend"
  static let help = "dependency: video, audio"
  static let bindings = keys(
    under: "Measure", .init("measure or resume", .init(["r"], .measure)),
    .init("apply the proposed layers", .init([.enter], .adopt)),
    .init("worth, or the curve", .init(["w"], .toggleWorth, hint: "worth")),
    .init("worth: full, or the plan", .init(["u"], .toggleWorthBase)),
    .init(
      "worth: layer -1, +1", .init([.left, "h"], .earlierWorthLayer),
      .init([.right, "l"], .laterWorthLayer)))

  private let app: App
  private var run: RunState { app.run }
  private let keys: KeyLabels

  init(_ app: App) {
    self.app = app
    keys = app.keys
  }

  func render(in area: Rect, to frame: inout Frame) {
    guard !app.view[Self.self].showsWorth else {
      return WorthPanel(app).render(in: area, to: &frame)
    }
    let study = run.study
    guard !study.readings.isEmpty else {
      let text =
        run.isReplay
        ? "Not in a replay: there is no model to measure with; open the clip."
        : run.activity == .studying
          ? "running full tokens first …"
          : "\(keys[.toggleWorth]) shows the worth of windows. "
            + "\(keys[.measure]) measures: video, audio or both are removed before every layer, and the answer is "
            + "compared with that of full tokens. One prefill is shared; "
            + "\(keys[.runOrPause]) pauses, \(keys[.measure]) resumes."
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
        ? "measuring: \(keys[.runOrPause]) pauses" : "paused: \(keys[.measure]) resumes"
      return [[.span("\(done) of \(all) readings, "), .span(state, .current)]]
    }
    let same = curve.points.filter { $0.removal == .both && $0.sameAsFull.right > 0 }.map(\.layer)
    let kept = same.isEmpty ? "before none" : "before layers \(Self.ranges(same))"
    return [
      [
        .span("same answer without both "), .span(kept, .strong),
        .span(" · one clip: analyze uses many", .faint),
      ],
      [
        .span(
          "proposed  drop layers \(curve.blocks.dropLayerText)  late layer \(curve.blocks.late)",
          .good),
        .span("  \(keys[.adopt]) applies them"),
      ],
    ]
  }

  /// Layer numbers as text with ranges: `7-9, 11`.
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

extension Screen {
  static let dependency = Screen(DependencyScreen.self)
}

extension AppAction {
  /// Measures the dependency curve. Screen 7 has an action of the same name, which measures a
  /// sweep.
  static let measure = AppAction("measure", needs: [.ownModel, .open, .unmeasured, .idle]) { app in
    app.view[DependencyScreen.self].showsWorth ? app.measureWorth() : [.send(.analyze)]
  }

  /// Left and right of screen 6.
  static let earlierWorthLayer = AppAction("left") { $0.moveWorthLayer(by: -1) }
  static let laterWorthLayer = AppAction("right") { $0.moveWorthLayer(by: 1) }

  static let adopt = AppAction("adopt", needs: [.curve, .dropLayers]) { $0.adoptLayers() }
}

extension Requirement {
  fileprivate static let unmeasured: Requirement = .init(reason: { app in
    if app.view[DependencyScreen.self].showsWorth {
      return app.shownWorth?.isComplete == true
        ? "all windows are measured: \(app.key(.toggleWorthBase)) changes the run, "
          + "\(app.key(.earlierWorthLayer)) and \(app.key(.laterWorthLayer)) the layer" : nil
    }
    return app.run.study.curve == nil
      ? nil : "the curve of this clip is complete: \(app.key(.adopt)) applies its layers"
  })

  fileprivate static let curve: Requirement = .init(reason: { app in
    app.run.study.curve == nil ? "no curve yet: \(app.key(.measure)) measures it" : nil
  })

  fileprivate static let dropLayers = parameter(.dropLayers, "no drop layers")
}
