import Foundation
import Terminal
import Testing
import Traces

@testable import Dashboard

/// Runs of other engines: the screens state what was recorded, and nothing else.
@Suite struct `A recording of another engine` {
  private static let steps = [
    #"{"event":"step","step":"stage1","drop":{"kind":"stage1","kept":[0,1,2,3,6,7,8,9,13]}}"#,
    #"{"event":"step","layer":1,"ms":4,"drop":{"kind":"prune","kept":[0,1,2,6,7,13]}}"#,
    #"{"event":"step","layer":2,"ms":2,"leaving":{"video":0,"audio":1}}"#,
    #"{"event":"step","layer":3,"ms":2}"#,
    #"{"event":"answer","text":"red","token_ids":[7]}"#,
  ]

  private func app(_ settings: String, steps: [String] = steps) throws -> App {
    let text =
      #","media":{"text":["a","b"]}"#
    let lines =
      [
        #"{"schema":"seats-top/trace/1","writer":"elsewhere 3"}"#,
        #"{"event":"run","model":{"name":"m","layers":3},"tokens":{"modality":"TVVVVVAAAAAAAT"}"#
          + "\(text)\(settings)}",
      ] + steps
    var reader = TraceReader()
    var app = App()
    for line in lines {
      for traced in try reader.read(Data(line.utf8)) { _ = app.update(.message(traced.event)) }
    }
    _ = app.update(.clock(.seconds(10)))
    return app
  }

  private func screen(_ keys: String, _ app: App, row: Int? = nil) -> String {
    var app = app
    for key in keys { _ = app.update(.key(.character(key))) }
    if let row { app.view.inspected = row }
    let frame = app.render(size: Size(width: 160, height: 50), look: Look())
    return frame.glyphRows.joined(separator: "\n")
  }

  @Test(arguments: ["seats", "fastv", "visionzip", "mine"])
  func `a recorded method without a plan is shown without a budget`(_ name: String) throws {
    let app = try app(#","settings":{"method":"\#(name)"}"#)
    for keys in ["1", "2", "3", "4", "5", "8"] {
      let shown = screen(keys, app)
      #expect(!shown.contains("R 100"), "\(shown)")
      #expect(!shown.contains("drops nothing"), "\(shown)")
      #expect(!shown.contains("keep everything"), "\(shown)")
      #expect(!shown.contains("everything\n"), "\(shown)")
    }
    let layers = screen("1", app)
    #expect(layers.contains(name))
    #expect(layers.contains("Stage I: 3/4 → layer 1: 2/2 → layer 2: 0/1 tokens"), "\(layers)")
  }

  @Test func `rows of future steps are empty when a recording has no plan`() throws {
    let app = try app("", steps: Array(Self.steps.prefix(2)))
    let rows = screen("1", app).split(separator: "\n").filter { $0.contains("layer ") }
    let waiting = rows.filter { $0.contains("layer 2") || $0.contains("layer 3") }
    #expect(!waiting.isEmpty && waiting.allSatisfy { !$0.contains("~") }, "\(waiting)")
  }

  @Test func `a token without a recorded relevance shows none`() throws {
    var app = try app("")
    app.view[TokensScreen.self].position = 3
    var shown = screen("3", app, row: 3)
    #expect(shown.contains("no relevance "), "\(shown)")
    #expect(!shown.contains("no token of its modality kept"))
    app.view[TokensScreen.self].position = 5
    shown = screen("3", app, row: 3)
    #expect(shown.contains("not recorded"), "\(shown)")
    #expect(!shown.contains("all tokens enter"))
  }

  @Test func `survivors missing in a recording are shown as unknown`() throws {
    var app = try app("")
    app.view[TokensScreen.self].position = 2
    let shown = screen("3", app, row: 5)
    #expect(shown.contains("positions not recorded"), "\(shown)")
    #expect(!shown.contains("kept to the end") && !shown.contains("kept after layer"))
    #expect(shown.contains("kept positions not recorded"))
  }

  @Test func `unknown FLOPs and memory are not shown as 0`() throws {
    let layers = screen("1", try app(""))
    #expect(!layers.contains("0 B") && !layers.contains("executed 0"), "\(layers)")
  }
}
