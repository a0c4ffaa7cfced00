import Runs
import Sessions
import Terminal
import Testing

@testable import Dashboard

/// What the lens shows on the screens, and what they ask the engine for.
@Suite struct `The lens on the screen` {
  private let sample = SampleRun()

  private func press(_ keys: String, _ app: inout App) -> [Effect] {
    keys.flatMap { app.update(.key(.character($0))) }
  }

  private func shown(_ app: App, _ width: Int = 80, _ height: Int = 24) -> [String] {
    app.render(size: Size(width: width, height: height), look: Look()).glyphRows
  }

  private func requests(_ effects: [Effect]) -> [TokenScoreRequest] {
    effects.compactMap { if case .send(.score(let request)) = $0 { request } else { nil } }
  }

  private func withLens(_ app: App, layers: Int) -> App {
    var app = app
    _ = app.update(.message(.lens(sample.lens(layers: layers))))
    return app
  }

  @Test(arguments: [(80, 24), (120, 40)])
  func `the first screen names the next token of every layer, beside the drops`(
    _ width: Int, _ height: Int
  ) throws {
    var app = withLens(sample.finished, layers: sample.subject.model.decoder.layers)
    _ = press("G", &app)
    let rows = shown(app, width, height)
    #expect(rows.contains { $0.contains("says") && $0.contains("looks at") && $0.contains("drop") })
    #expect(rows.contains { $0.contains("layer 28") && $0.contains("twice 99%") })
  }

  @Test func `a layer that has not run, or was undone, says nothing`() {
    var app = withLens(sample.app(after: 10), layers: 8)
    _ = press("jjjj", &app)
    #expect(shown(app).contains { $0.contains("layer 8 ") && $0.contains("%") })
    _ = app.update(.message(.rewound(steps: 6)))
    #expect(!shown(app).contains { $0.contains("layer 8 ") && $0.contains("the ") })
    #expect(app.run.history.lens.records.map(\.layer) == [1, 2, 3, 4])
  }

  @Test func `relevance after any finished layer is asked for once and then shown`() throws {
    var app = sample.app(after: 12)
    var effects = press("3r", &app)
    _ = app.update(.message(.activity(.idle)))
    let row = app.run.row(of: .layer(5))
    app.moveCursor(to: row)
    effects += app.update(.clock(.seconds(1)))
    effects += app.update(.clock(.seconds(2)))
    let request = TokenScoreRequest(layer: 5, .relevance)
    #expect(requests(effects).filter { $0 == request }.count == 1)
    #expect(RelevanceHeat(app.run, upTo: row)?.row != row)
    let positions = Array(sample.subject.prompt.modalities.indices)
    _ = app.update(
      .message(
        .scored(
          TokenScores(request, positions: positions, scores: positions.map { Float($0) }))))
    #expect(RelevanceHeat(app.run, upTo: row)?.row == row)
    #expect(shown(app, 120, 40).contains { $0.contains("relevant after 5") })
    // When the layer is undone and run again, so is the request.
    _ = app.update(.message(.rewound(steps: 3)))
    #expect(app.run.history.scores.isEmpty)
    let again = sample.records(12).dropFirst(3).flatMap {
      app.update(.message(.advanced($0)))
    }
    #expect(requests(again) == [request])
  }

  @Test func `a replay asks for no scores and says what it lacks`() {
    let subject = sample.subject.of(RunOrigin(writer: "tests", method: nil))
    var app = App()
    _ = app.update(
      .message(.opened(subject, settings: sample.settings, plan: sample.plan)))
    for record in sample.records(12) { _ = app.update(.message(.advanced(record))) }
    _ = app.update(.message(.lens(sample.lens(layers: 10, hasHeads: false))))
    #expect(requests(press("3r,,H", &app)).isEmpty)
    #expect(shown(app).contains { $0.contains("does not have the heads") })
    _ = app.update(.message(.lens(sample.lens(layers: 10))))
    #expect(shown(app).contains { $0.contains("the map of a head needs the model") })
  }

  @Test func `the cursor on the page of heads asks for the map of its head`() {
    var app = withLens(sample.app(after: 12), layers: 10)
    _ = app.update(.message(.activity(.idle)))
    let first = requests(press("H", &app))
    #expect(first == [TokenScoreRequest(layer: 10, .head(0))])
    #expect(requests(press("l", &app)) == [TokenScoreRequest(layer: 10, .head(1))])
    #expect(requests(press("k", &app)) == [TokenScoreRequest(layer: 9, .head(1))])
    #expect(requests(press("hhh", &app)) == [TokenScoreRequest(layer: 9, .head(0))])
    #expect(shown(app).contains { $0.contains("layer 9, head 1") })
  }

  @Test func `l switches between the mean and the maximum over heads`() {
    var app = withLens(sample.app(after: 12), layers: 10)
    _ = press("l", &app)
    #expect(shown(app).contains { $0.contains("max head") })
    _ = press("l", &app)
    #expect(shown(app).contains { $0.contains("looks at") })
  }
}
