import Foundation
import Terminal
import Testing

@testable import Dashboard

/// `/`, its matches, and the keys that go on from there.
struct SearchTests {
  private let sample = SampleRun()

  private func look(for text: String, in app: inout App) {
    _ = app.update(.key(.character("/")))
    for character in text { _ = app.update(.key(.character(character))) }
    _ = app.update(.key(.enter))
  }

  private func press(_ key: Character, _ app: inout App) { _ = app.update(.key(.character(key))) }

  private func status(_ app: App) -> String {
    app.render(size: Size(width: 120, height: 40), look: Look()).glyphRows.last ?? ""
  }

  @Test func `search keys on the ledger cycle the cursor through the drops`() {
    var app = sample.finished
    press("g", &app)
    look(for: "DROP", in: &app)
    var rows = [app.selectedRow]
    for _ in 0..<5 {
      press(")", &app)
      rows.append(app.selectedRow)
    }
    let drops = (0..<app.run.stepCount).filter { app.run.row($0)?.mark != nil }
    #expect(rows == drops + [drops[0]])
    #expect(status(app).contains("1 of 5"))
    press("(", &app)
    #expect(app.selectedRow == drops.last)
  }

  @Test func `the number of search matches is shown while typing`() {
    var app = sample.finished
    press("/", &app)
    for character in "layer 2" { press(character, &app) }
    #expect(status(app).contains("✓ 10 matches"), "\(status(app))")
    press("x", &app)
    #expect(status(app).contains("no match"))
    _ = app.update(.key(.escape))
    #expect(app.view.overlay == nil && app.view.search == nil)
  }

  @Test func `a search match in the log is scrolled into view and highlighted`() throws {
    var app = sample.finished
    for index in 0..<200 { _ = app.update(.message(.logged("line number \(index) of many"))) }
    press("9", &app)
    look(for: "number 17 of", in: &app)
    let frame = app.render(size: Size(width: 80, height: 24), look: Look())
    let y = try #require(frame.glyphRows.firstIndex { $0.contains("number 17 of") })
    let x = try #require(frame.glyphRows[y].firstRange(of: "number 17")).lowerBound
    let column = frame.glyphRows[y].distance(from: frame.glyphRows[y].startIndex, to: x)
    #expect(frame[column, y].style == frame.look.theme[.selection])
    #expect(frame[column - 2, y].style != frame.look.theme[.selection])
  }

  @Test func `a search finds a prompt word split over several tokens`() {
    var app = sample.finished
    press("3", &app)
    look(for: "dog^", in: &app)
    #expect(status(app).contains("no match for"))
    look(for: "the👍", in: &app)
    #expect(app.tokenCursor.map { app.run.places?.modalities[$0] } == .text)
    let first = app.tokenCursor
    press(")", &app)
    #expect(app.tokenCursor != first)
  }

  @Test(arguments: Screen.all)
  func `every screen handles any search text`(_ screen: Screen) {
    for text in ["a", "漢字", "\u{1b}[2J", "zzz", " "] {
      for state in [App(), sample.app(after: 1), sample.finished] {
        var app = state
        press(screen.digit, &app)
        look(for: text, in: &app)
        press(")", &app)
        press("(", &app)
        let rows = app.render(size: Size(width: 80, height: 24), look: Look()).glyphRows
        #expect(!rows.joined().unicodeScalars.contains { $0.value < 0x20 })
      }
    }
  }

  @Test func `the log scrolls, and follows new lines again at its end`() {
    var app = sample.finished
    for index in 0..<100 { _ = app.update(.message(.logged("entry \(index)"))) }
    press("9", &app)
    func shows(_ text: String) -> Bool {
      app.render(size: Size(width: 80, height: 24), look: Look()).glyphRows
        .contains { $0.contains(text) }
    }
    #expect(shows("entry 99"))
    _ = app.update(.key(.up))
    #expect(!shows("entry 99") && shows("entry 98"))
    press("g", &app)
    #expect(shows("opened") && !shows("entry 98"))
    press("G", &app)
    _ = app.update(.message(.logged("entry 100")))
    #expect(shows("entry 100"))
  }
}
