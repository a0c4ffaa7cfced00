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

  @Test func `every option shows its value and its key`() {
    let shown = text(opened())
    for line in OptionLine.allCases { #expect(shown.contains(line.label)) }
    #expect(shown.contains("< ansi >"))
    #expect(shown.contains("for the terminal, to select text"))
  }

  @Test(arguments: OptionLine.allCases)
  func `right and left change an option`(_ line: OptionLine) {
    var app = opened()
    for _ in 0..<line.rawValue { _ = app.update(.key(.down)) }
    let before = app.value(of: line)
    _ = app.update(.key(.right))
    #expect(app.value(of: line) != before)
    _ = app.update(.key(.left))
    #expect(app.value(of: line) == before)
    #expect(app.view.screen == .layers, "keys stay in the pane")
  }

  @Test func `mouse and step delay reach terminal and session`() {
    var app = opened()
    for _ in 0..<OptionLine.mouse.rawValue { _ = app.update(.key(.down)) }
    #expect(app.update(.key(.enter)) == [.mouse(true)])
    _ = app.update(.key(.down))
    #expect(app.update(.key(.character(" "))) == [.send(.pace(.milliseconds(50)))])
    _ = app.update(.key(.escape))
    #expect(app.view.overlay == nil)
  }

  @Test func `the configured mouse is on from the start`() {
    #expect(App(options: .init(isMouseOn: true)).view.isMouseOn)
  }
}
