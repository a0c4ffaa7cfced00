import Foundation
import Terminal
import Testing

@testable import Dashboard

struct OptionsTests {
  private func opened() -> App {
    var app = SampleRun().app(
      after: 18, options: .init(themes: ["ansi", "nord", "mono"], theme: "ansi"))
    _ = app.update(.key(.character("o")))
    return app
  }

  private func text(_ app: App) -> String {
    app.render(size: Size(width: 80, height: 24), look: Look()).glyphRows.joined(separator: "\n")
  }

  @Test func `the options panel shows every option's value and key`() {
    let shown = text(opened())
    for line in opened().optionLines { #expect(shown.contains(line.label)) }
    #expect(shown.contains("< ansi >"))
    #expect(shown.contains("for the terminal, to select text"))
  }

  @Test func `right and left arrows change an option`() {
    for (index, line) in opened().optionLines.enumerated() {
      var app = opened()
      for _ in 0..<index { _ = app.update(.key(.down)) }
      let before = line.value(app)
      _ = app.update(.key(.right))
      #expect(line.value(app) != before, "\(line.label)")
      _ = app.update(.key(.left))
      #expect(line.value(app) == before, "\(line.label)")
      #expect(app.view.screen == .layers, "keys stay in the pane")
    }
  }

  @Test func `changed mouse and step-delay options reach terminal and session`() {
    var app = opened()
    for _ in 0..<3 { _ = app.update(.key(.down)) }
    #expect(app.update(.key(.enter)) == [.mouse(true)])
    _ = app.update(.key(.down))
    #expect(app.update(.key(.character(" "))) == [.send(.pace(.milliseconds(50)))])
    _ = app.update(.key(.escape))
    #expect(app.view.overlay == nil)
  }

  @Test func `a configuration with the mouse on starts with the mouse on`() {
    #expect(App(options: .init(isMouseOn: true)).view.isMouseOn)
  }
}
