import Selection
import Terminal
import Testing

@testable import Dashboard

struct KeyBehaviourTests {
  private let sample = SampleRun()

  private func plan(_ app: App) -> String {
    app.render(size: Size(width: 120, height: 40), look: Look()).glyphRows
      .first { $0.contains("plan  ") } ?? ""
  }

  private func press(_ keys: String, _ app: inout App) -> [Effect] {
    keys.flatMap { app.update(.key(.character($0))) }
  }

  @Test func `the help screen fits 80 columns`() {
    var app = App()
    _ = app.update(.key(.character("?")))
    let shown = app.render(size: Size(width: 80, height: 80), look: Look()).glyphRows
      .filter { $0.hasPrefix("│") }
    #expect(shown.contains { $0.contains("dependency: video, audio") })
    #expect(!shown.contains { $0.contains("…") }, "\(shown.joined(separator: "\n"))")
  }

  @Test func `the key table has no duplicates and covers every screen`() {
    #expect(AppKeyTable.standard.conflicts.isEmpty)
    for screen in Screen.all {
      #expect((5...8).contains(AppKeyTable.standard.hinted(in: .screen(screen)).count))
    }
    let actions = AppKeyTable.standard.bindings.map(\.action)
    #expect(Screen.all.allSatisfy { actions.contains(.screen($0)) })
  }

  @Test func `Tab and Shift-Tab cycle through the screens`() {
    var app = sample.app(after: 3)
    for screen in Screen.all.dropFirst() + [.layers] {
      _ = app.update(.key(.tab))
      #expect(app.view.screen == screen)
    }
    for screen in Screen.all.reversed() {
      _ = app.update(.key(.backTab))
      #expect(app.view.screen == screen)
    }
  }

  @Test func `the tab bar fits, has every screen, and names the open one`() {
    for width in 40..<120 {
      for open in Screen.all {
        let area = Rect(x: 0, y: 1, width: width, height: 1)
        let tabs = TabStrip(open: open).tabs(in: area)
        #expect(tabs.map(\.screen) == Screen.all, "\(width) cells")
        #expect(tabs.first { $0.screen == open }?.text.contains(open.page.shortTitle) == true)
        #expect(tabs.allSatisfy { area.contains($0.place) })
      }
    }
  }

  @Test func `a budget increase is shown at once and sent to the engine`() throws {
    var app = sample.app(after: 20)
    let before = (plan(app), app.run.row(17)?.leaving)
    let effects = press("+", &app)
    var wanted = sample.settings
    wanted.budget = RetentionBudget(nominalPercent: 16)
    #expect(effects == [.send(.configure(sample.planned(wanted), resume: true))])
    #expect(plan(app).contains("R 16"))
    #expect(plan(app) != before.0)
    #expect(app.run.row(17)?.leaving != before.1)
    #expect(app.run.ledger.current.count == 1, "Stage I changes: only the encoders stay")
  }

  @Test func `budget keys change by 5 %, change one modality, and reset`() {
    var app = sample.app(after: 3)
    _ = press("]", &app)
    #expect(app.run.nominalPercent == 20)
    _ = press("[[", &app)
    #expect(app.run.nominalPercent == 10)
    _ = press("V", &app)
    #expect(app.run.settings.budget == RetentionBudget(video: 0.07, audio: 0.35))
    #expect(app.run.nominalPercent == nil)
    _ = press("a", &app)
    #expect(app.run.settings.budget.audio == 0.34)
    #expect(press("=", &app) == [.send(.configure(sample.planned(sample.settings), resume: true))])
    #expect(app.run.nominalPercent == 15)
  }

  @Test func `the budget stops at its limits with a message`() {
    var app = sample.app(after: 3)
    for _ in 0..<120 { _ = press("+", &app) }
    #expect(app.run.nominalPercent == 100)
    #expect(press("+", &app) == [])
    #expect(app.view.toast != nil)
    for _ in 0..<120 { _ = press("-", &app) }
    #expect(app.run.nominalPercent == 1)
  }

  @Test func `the late layer can be set to none and to no layer below 2`() {
    var app = sample.app(after: 3)
    for _ in 0..<6 { _ = press("}", &app) }
    #expect(app.run.settings.lateLayer == nil)
    _ = press("{", &app)
    #expect(app.run.settings.lateLayer == 29)
    for _ in 0..<60 { _ = press("{", &app) }
    #expect(app.run.settings.lateLayer == 2)
  }

  @Test(arguments: [
    ("16-18-20", [16, 18, 20]), ("none", []), ("", []), (" 3, 1 3", [1, 3]),
  ])
  func `typed drop layers change the plan`(text: String, layers: [Int]) {
    #expect(DropLayerText.parse(text, last: 28) == layers)
  }

  @Test(arguments: ["0", "29", "x", "4-x", "-", "-4", " -4", "99999999999999999999"])
  func `an invalid drop layer is refused`(text: String) {
    for last in [28, 1, 0, -1] { #expect(DropLayerText.parse(text, last: last) == nil) }
  }

  @Test func `keys for stepping, running and comparing send engine commands`() {
    var app = sample.app(after: 4)
    #expect(press("n", &app) == [.send(.advance)])
    #expect(press("p", &app) == [.send(.back)])
    #expect(press("d", &app) == [.send(.runToNextDrop)])
    #expect(press("L", &app) == [.send(.runToRemoval)])
    #expect(press("0", &app) == [.send(.restart)])
    #expect(press("f", &app) == [.send(.runFull)])
    #expect(press(" ", &app) == [.send(.run)])
    _ = app.update(.message(.activity(.running)))
    #expect(press(" ", &app) == [.cancel])
    #expect(press("n", &app) == [])
    #expect(press("0", &app) == [.cancel, .send(.restart)])
  }

  @Test func `a refusal message clears on the next key`() {
    var app = sample.app(after: 0)
    _ = press("p", &app)
    #expect(app.view.toast?.text == "no earlier step")
    #expect(press("n", &app) == [.send(.advance)])
    #expect(app.view.toast == nil)
    _ = app.update(.message(.failed("the disk is full")))
    _ = press("n", &app)
    #expect(app.view.toast?.text == "the disk is full")
  }

  @Test func `the report can be saved only when the run is complete`() {
    var app = sample.app(after: 4)
    #expect(press("s", &app) == [])
    app = sample.finished
    #expect(press("s", &app) == [.send(.saveReport("seats-top-report.json"))])
  }

  @Test func `the first interrupt cancels, the second quits with 130`() {
    var app = sample.app(after: 4)
    _ = app.update(.message(.activity(.running)))
    #expect(app.update(.interrupted) == [.cancel])
    #expect(app.update(.interrupted) == [.quit(130)])
  }

  @Test func `^C while idle asks to quit, and another key cancels`() {
    var app = sample.app(after: 4)
    #expect(app.update(.interrupted) == [])
    #expect(app.view.toast?.text.contains("quit?") == true)
    _ = app.update(.key(.down))
    #expect(app.update(.interrupted) == [])
    #expect(press("q", &app) == [.quit(0)])
  }

  @Test func `Escape closes the top panel and never quits the program`() {
    var app = sample.app(after: 4)
    _ = press("?", &app)
    #expect(app.view.overlay == .help(top: 0))
    #expect(app.update(.key(.escape)) == [])
    #expect(app.view.overlay == nil)
    _ = press("9", &app)
    _ = app.update(.key(.escape))
    #expect(app.view.screen == .layers)
    for _ in 0..<3 { #expect(app.update(.key(.escape)) == []) }
  }

  @Test func `the cursor moves through the steps and returns to the current step`() {
    var app = sample.app(after: 10)
    #expect(app.selectedRow == 9)
    _ = press("k", &app)
    #expect(app.selectedRow == 8)
    _ = press("G", &app)
    #expect(app.selectedRow == 30)
    _ = press("gk", &app)
    #expect(app.selectedRow == 0)
    _ = app.update(.key(.escape))
    #expect(app.selectedRow == 9)
  }

  @Test func `an unbound key shows a message`() {
    var app = sample.app(after: 4)
    #expect(press("y", &app) == [])
    #expect(app.view.toast?.text == "y does nothing here: ? lists the keys")
  }

  @Test func `a key pressed before the run is open shows no message`() {
    var app = App()
    #expect(press(" ", &app) == [])
    #expect(app.view.toast?.text == "still loading")
    _ = app.update(
      .message(.opened(sample.subject, settings: sample.settings, plan: sample.plan)))
    #expect(app.view.toast == nil)
  }

  @Test func `the theme key cycles through all themes`() {
    var app = App(options: .init(themes: ["ansi", "nord"]))
    _ = press("t", &app)
    #expect(app.themeName == "nord")
    _ = press("t", &app)
    #expect(app.themeName == "ansi")
  }

  @Test func `keys ^L and ^Z redraw and suspend`() {
    var app = App()
    #expect(app.update(.key(.control("l"))).map(\.directive) == [.repaint])
    #expect(app.update(.key(.control("z"))).map(\.directive) == [.suspend])
  }
}
