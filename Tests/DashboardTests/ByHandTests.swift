import Evaluations
import Selection
import Sessions
import Terminal
import Testing

@testable import Dashboard

/// Tokens kept and dropped by hand, and worth, on the screen.
@Suite struct `Choices by hand on the screen` {
  private let sample = SampleRun()

  private func tokens(after steps: Int = 31) -> App {
    var app = sample.app(after: steps)
    _ = press("3", &app)
    return app
  }

  @discardableResult
  private func press(_ keys: String, _ app: inout App) -> [Effect] {
    keys.flatMap { app.update(.key(.character($0))) }
  }

  private func text(_ app: App, _ width: Int = 160, _ height: Int = 48) -> String {
    app.render(size: Size(width: width, height: height), look: Look()).glyphRows
      .joined(separator: "\n")
  }

  @Test func `K keeps the token at the cursor, X drops it, the same key again undoes`() {
    var app = tokens()
    var wanted = app.run.settings
    wanted.forced.set(.keep, TokenList(video: [0]))
    #expect(press("K", &app) == [.send(.configure(sample.planned(wanted), resume: true))])
    #expect(app.run.planName == "seats R 15, 1 kept by hand")
    wanted.forced.set(.drop, TokenList(video: [0]))
    #expect(press("X", &app) == [.send(.configure(sample.planned(wanted), resume: true))])
    wanted.forced.set(nil, TokenList(video: [0]))
    #expect(press("X", &app) == [.send(.configure(sample.planned(wanted), resume: true))])
    #expect(app.run.settings.forced.isEmpty)
  }

  @Test func `key w widens the choice to the frame and to the window`() {
    var app = tokens()
    press("wX", &app)
    #expect(app.run.settings.forced.dropped == TokenList(video: 0..<72), "one grid")
    press("XwX", &app)
    #expect(app.run.settings.forced.dropped == TokenList(video: 0..<144), "two grids")
    press("=", &app)
    #expect(app.run.settings.forced.isEmpty, "reset with all other settings")
  }

  @Test func `key u marks one end of a range`() {
    var app = tokens()
    press("lullK", &app)
    #expect(app.run.settings.forced.kept == TokenList(video: 1..<4))
    #expect(app.view[TokensScreen.self].mark == nil, "the range is used up")
    press("ulu", &app)
    #expect(app.view[TokensScreen.self].mark == nil)
  }

  @Test func `text cannot be chosen by hand, and a replay has no choices`() {
    var app = tokens()
    for _ in 0..<40 { press("j", &app) }
    #expect(press("K", &app) == [] && press("X", &app) == [])
    #expect(text(app).contains("never dropped"))
  }

  @Test func `the plan and the token say what was chosen by hand`() {
    var app = tokens(after: 2)
    press("X", &app)
    press("1", &app)
    #expect(text(app).contains("1 dropped by hand"))
    #expect(text(app).contains("by hand"))
  }

  @Test func `key W measures the worth of the tokens at the cursor`() throws {
    var app = tokens()
    let effects = press("wW", &app)
    guard case .send(.weigh(let request))? = effects.first else {
      Issue.record("no study")
      return
    }
    #expect(request.span == TokenList(video: 0..<72) && request.plan == nil)
    #expect(request.layer == 17 && request.relevanceLayers == [16, 18, 20])
  }

  @Test func `page 6 measures the worth of windows on key w`() {
    var app = sample.finished
    press("6w", &app)
    let shown = text(app)
    #expect(shown.contains("20 partial prefills") && shown.contains("from layer 17 on"), "\(shown)")
    guard case .send(.weigh(let request))? = press("r", &app).first else {
      Issue.record("no study")
      return
    }
    _ = app.update(.message(.study(.worth(sample.worth(measured: 20)))))
    #expect(text(app).contains("Spearman"), "\(text(app))")
    #expect(press("r", &app) == [], "nothing is left to measure")
    press("l", &app)
    guard case .send(.weigh(let later))? = press("r", &app).first else {
      Issue.record("no study of another layer")
      return
    }
    #expect(later.layer == request.layer + 1)
    press("u", &app)
    guard case .send(.weigh(let planned))? = press("r", &app).first else {
      Issue.record("no study on the plan")
      return
    }
    #expect(planned.plan == app.run.settings)
  }
}
