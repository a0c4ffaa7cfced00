import Evaluations
import Selection
import Terminal
import Testing

@testable import Dashboard

/// Pinning, dependency curves and sweeps on the screen.
struct StudyTests {
  private let sample = SampleRun()

  private func press(_ keys: String, _ app: inout App) -> [Effect] {
    keys.flatMap { app.update(.key(.character($0))) }
  }

  private func text(_ app: App, _ width: Int = 120, _ height: Int = 40) -> String {
    app.render(size: Size(width: width, height: height), look: Look()).glyphRows
      .joined(separator: "\n")
  }

  @Test func `key c pins the run, and screen 5 compares it with the current one`() {
    var app = sample.finished
    #expect(press("5", &app) == [])
    #expect(text(app).contains("full tokens") && !text(app).contains("No pinned run"))
    _ = app.update(.message(.study(.drift(0.5))))
    _ = press("c", &app)
    #expect(app.view[CompareScreen.self].pinned?.name == "seats R 15")
    _ = press("+", &app)
    #expect(app.run.study.drift == nil || app.run.ledger.staleFrom != nil)
    let shown = text(app)
    for needed in ["seats R 15", "seats R 16", "twice", "0.50 nats", "overlap in"] {
      #expect(shown.contains(needed), "\(needed)")
    }
  }

  @Test func `reopening the clip keeps the chosen axis and the pinned run`() {
    var app = sample.studied(.sweep)
    _ = press("x", &app)
    _ = app.update(
      .message(.opened(sample.subject, settings: sample.settings, plan: sample.plan)))
    for record in sample.records(18) { _ = app.update(.message(.advanced(record))) }
    let results = sample.results(app.sweepPoints, questions: 40)
    _ = app.update(.message(.study(.summary(SweepSummary(results), file: "all.jsonl"))))
    #expect(text(app).contains("accuracy against reference FLOPs"))
    _ = press("5", &app)
    #expect(text(app).contains("0.01 nats"), "the drift of the pinned run:\n\(text(app))")
    #expect(text(app).contains("of tokens entering layer 1"))
  }

  @Test func `survivors are not compared with a pinned run of other input`() {
    var app = sample.studied(.compare)
    let short = SampleRun(video: 360, audio: 100)
    _ = app.update(.message(.opened(short.subject, settings: short.settings, plan: short.plan)))
    for record in short.records(18) { _ = app.update(.message(.advanced(record))) }
    let shown = text(app)
    #expect(shown.contains("not compared: different inputs"), "\(shown)")
    #expect(shown.contains("twice 17.5"))
  }

  @Test(arguments: [(80, 24), (100, 30), (200, 60)])
  func `the compare screen shows all five most probable tokens`(width: Int, height: Int) {
    let shown = text(sample.studied(.compare), width, height)
    for needed in ["twice 17.5", "once 15.2", "thrice 12.0", "never 9.50", "barking -8.25"] {
      #expect(shown.contains(needed), "\(needed) in\n\(shown)")
    }
    #expect(!shown.contains("…"), "\(shown)")
  }

  @Test func `key c pins nothing before a run is complete`() {
    var app = App()
    #expect(press("c", &app) == [] && app.view[CompareScreen.self].pinned == nil)
  }

  @Test func `key r measures the dependency curve, Enter applies its proposal`() {
    var app = sample.finished
    _ = press("6", &app)
    #expect(press("r", &app) == [.send(.analyze)])
    #expect(app.update(.key(.enter)) == [], "there is no curve yet")
    _ = app.update(.message(.activity(.studying)))
    #expect(press("r", &app) == [])
    #expect(press(" ", &app) == [.cancel], "space pauses a measurement")
    app = sample.studied(.dependency)
    #expect(text(app).contains("proposed"))
    let blocks = sample.curve.blocks
    var wanted = app.run.settings
    (wanted.dropLayers, wanted.lateLayer) = (blocks.dropLayers, blocks.late)
    #expect(app.update(.key(.enter)) == [.send(.configure(sample.planned(wanted), resume: true))])
    #expect((blocks.middle, blocks.late) == (20, 23))
  }

  @Test func `key r measures missing sweep points, key l loads a results file`() throws {
    var app = sample.studied(.sweep, points: 4)
    guard case .send(.sweep(let points))? = press("r", &app).first else {
      Issue.record("no sweep")
      return
    }
    #expect(points.count == app.sweepPoints.count - 4)
    #expect(press("l", &app) == [.send(.readSweep("seats-top-sweep.jsonl"))])
    let results = sample.results(app.sweepPoints, questions: 40)
    _ = app.update(.message(.study(.summary(SweepSummary(results), file: "all.jsonl"))))
    #expect(text(app).contains("accuracy against prefill time · all.jsonl, 40 questions"))
    _ = press("x", &app)
    #expect(text(app).contains("accuracy against reference FLOPs"))
  }

  @Test func `the knee is the frontier point farthest above its chord`() {
    let points = [(0.0, 0.0), (1, 0.8), (2, 0.9), (4, 1), (3, 0.5), (5, 1)].map {
      TradeOff.Point(cost: $0.0, merit: $0.1)
    }
    let tradeOff = TradeOff(points)
    #expect(tradeOff.frontier == [0, 1, 2, 3])
    #expect(tradeOff.knee == 1)
    #expect(TradeOff(Array(points.prefix(2))).knee == nil)
    #expect(TradeOff([]).frontier == [])
  }
}
