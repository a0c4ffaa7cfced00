import Foundation
import Runs
import Terminal
import Testing

@testable import Dashboard

/// What is written about keys, against the table of keys.
struct KeyTextTests {
  @Test func `the README lists exactly the keys of the key table`() throws {
    let file = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appending(path: "README.md")
    let readme = try String(contentsOf: file, encoding: .utf8)
    let section = try #require(readme.components(separatedBy: "\n## Keys\n").dropFirst().first)
    let rows = section.components(separatedBy: "\n## ")[0].split(separator: "\n")
      .filter { $0.hasPrefix("| ") }.dropFirst(2)
    var named: Set<String> = Set(Screen.all.map { String($0.digit) })
    for row in rows {
      let cell = row.split(separator: "|")[0]
      named.formUnion(cell.split(separator: "`").map(String.init).filter { !$0.contains(" ") })
    }
    named.subtract(["…", "arrows"])
    let bindings = AppKeyTable.standard.bindings.filter { !$0.help.isEmpty }
    let bound = Set(bindings.flatMap(\.keys).map(\.label))
    #expect(named.subtracting(bound) == [], "the README names keys that do nothing")
    let characters = bindings.compactMap { binding -> String? in
      if case .character? = binding.keys.first { binding.keys[0].label } else { nil }
    }
    #expect(Set(characters).subtracting(named) == [], "the README leaves keys out")
  }

  @Test func `texts on screen name rebound keys`() {
    let keys = AppKeyTable.standard
      .rebinding(.next, to: [.function(5)]).rebinding(.fullRun, to: [.control("f")])
      .rebinding(.runOrPause, to: [.character("!")]).rebinding(.help, to: [])
    var app = SampleRun().app(after: 18, options: .init(keys: keys))
    func text() -> String {
      app.render(size: Size(width: 120, height: 40), look: Look()).glyphRows
        .joined(separator: "\n")
    }
    #expect(text().contains("! runs, F5 steps, d runs to the next drop"))
    #expect(text().contains("^F runs full tokens"))
    _ = app.update(.key(.character("n")))
    #expect(text().contains("n does nothing here: [help] lists the keys"))
    _ = app.update(.key(.character("5")))
    let words = text().split(whereSeparator: \.isWhitespace).joined(separator: " ")
    #expect(words.contains("^F runs full tokens for KL"))
  }

  @Test func `hints for a recording show only available keys`() {
    var app = SampleRun().app(after: 18)
    app.run.history.subject = app.run.subject?.of(RunOrigin(writer: "tests", method: nil))
    let hints = app.render(size: Size(width: 120, height: 40), look: Look()).glyphRows[38]
    #expect(hints.contains("next") && !hints.contains("more") && !hints.contains("less"))
  }
}
