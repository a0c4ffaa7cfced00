import Selection
import Terminal
import Testing

@testable import Dashboard

/// Breakpoints and paced runs, on the screen's side.
struct PlayTests {
  private let sample = SampleRun()

  private func press(_ keys: String, _ app: inout App) -> [Effect] {
    keys.flatMap { app.update(.key(.character($0))) }
  }

  private func rows(_ app: App) -> [String] {
    app.render(size: Size(width: 120, height: 40), look: Look()).glyphRows
  }

  private func row(_ name: String, _ app: App) -> Substring? {
    rows(app).map { $0.prefix(12) }.first { $0.contains(" \(name) ") }
  }

  @Test func `key b toggles a breakpoint on the selected row`() {
    var app = sample.app(after: 4)
    _ = press("jj", &app)
    #expect(press("b", &app) == [.send(.setBreakpoints([.before(.layer(4))]))])
    #expect(row("layer 4", app)?.hasPrefix("●") == true)
    #expect(row("layer 5", app)?.hasPrefix(" ") == true)
    #expect(press("b", &app) == [.send(.setBreakpoints([]))])
    #expect(row("layer 4", app)?.hasPrefix(" ") == true)
    #expect(press("gb", &app) == [], "nothing stops before the encoders")
  }

  @Test func `a typed breakpoint condition is shown and sent to the engine`() {
    var app = sample.app(after: 4)
    #expect(press("B", &app) == [])
    #expect(press("audio < 300", &app) == [])
    #expect(rows(app).last?.contains("✓ sets it") == true)
    #expect(
      app.update(.key(.enter)) == [.send(.setBreakpoints([.tokens(.audio, below: 300)]))])
    let marked = rows(app).filter { $0.hasPrefix("○") }
    #expect(marked.count == 1)
    let forecast = try? #require(app.run.forecast?.afterLayer.firstIndex { $0.audio < 300 })
    #expect(marked.first?.contains("layer \((forecast ?? 0) + 1) ") == true)
  }

  @Test func `the drops breakpoint marks every row with a drop`() {
    var app = sample.app(after: 4)
    _ = press("B", &app)
    _ = press("drops", &app)
    _ = app.update(.key(.enter))
    let marked = rows(app).filter { $0.hasPrefix("○") }
    #expect(marked.count == 5, "Stage I, three drops, the removal: \(marked)")
  }

  @Test(arguments: ["audio", "layer 29", "x", "kept < 30"])
  func `an invalid breakpoint is refused`(text: String) {
    var app = sample.app(after: 4)
    _ = press("B", &app)
    _ = press(text, &app)
    #expect(app.update(.key(.enter)) == [])
    #expect(rows(app).last?.contains("✗") == true)
    #expect(app.update(.interrupted) == [], "^C leaves the line")
    #expect(app.view.overlay == nil)
    #expect(!app.view.isQuitArmed)
  }

  @Test func `keys change the step delay within its limits`() {
    var app = sample.app(after: 4)
    #expect(press(">", &app) == [])
    #expect(press("<", &app) == [.send(.pace(.milliseconds(50)))])
    #expect(press("<", &app) == [.send(.pace(.milliseconds(100)))])
    #expect(press(">", &app) == [.send(.pace(.milliseconds(50)))])
    for _ in 0..<20 { _ = press("<", &app) }
    #expect(app.run.pace == .seconds(2))
    #expect(press("<", &app) == [])
  }

  @Test func `a paused run names its breakpoint until it resumes`() {
    var app = sample.app(after: 18)
    _ = app.update(.message(.activity(.running)))
    _ = app.update(.message(.paused(at: .kept(below: 0.3))))
    _ = app.update(.message(.activity(.idle)))
    let stopped = "stopped before layer 17 by breakpoint kept < 30 %"
    #expect(rows(app).last?.contains(stopped) == true)
    #expect(app.run.log.last?.text.contains("kept < 30 %") == true)
    _ = app.update(.message(.activity(.running)))
    _ = app.update(.message(.activity(.idle)))
    #expect(rows(app).last?.contains("paused before layer 17") == true)
  }
}
