import Runs
import Terminal
import Testing

@testable import Dashboard

/// The palette: every action, screen, option and theme by words.
struct PaletteTests {
  private let sample = SampleRun()

  private func open(_ text: String, _ app: App) -> App {
    var app = app
    for key in ":" + text { _ = app.update(.key(.character(key))) }
    return app
  }

  private func items(_ app: App) throws -> [ListItem] {
    guard case .list(let list)? = app.view.overlay else { throw NoList() }
    return app.items(in: list)
  }

  private struct NoList: Error {}

  private func text(_ item: ListItem) -> String { item.text.spans.map(\.text).joined() }

  @Test func `every action of a screen is in the palette of that screen`() throws {
    for screen in Screen.all {
      var app = sample.finished
      app.open(screen)
      let found = try items(open("", app))
      for binding in AppKeyTable.standard.bindings
      where !binding.help.isEmpty && binding.contexts.contains(.screen(screen))
        && binding.action != .palette
      {
        #expect(
          found.contains { $0.words.contains(binding.action.name) },
          "\(binding.action.name) on \(screen)")
      }
    }
  }

  @Test func `all screens, options and themes are found by name`() throws {
    let app = App(options: .init(themes: ["ansi", "nord"]))
    for screen in Screen.all {
      #expect(try items(open("screen-\(screen.name)", app)).count == 1)
    }
    #expect(try items(open("theme nord", app)).map(text) == ["theme nord"])
    for option in app.optionLines {
      #expect(try !items(open("option \(option.label)", app)).isEmpty)
    }
  }

  @Test func `all typed words must occur, in any order and case`() throws {
    let found = try items(open("LAYER late", sample.finished))
    #expect(!found.isEmpty)
    #expect(found.allSatisfy { $0.words.contains("late") && $0.words.contains("layer") })
    #expect(try items(open("zzz", sample.finished)).isEmpty)
  }

  @Test func `Enter does the selected action and closes the palette`() throws {
    var app = open("run full tokens", sample.app(after: 4))
    #expect(app.update(.key(.enter)) == [.send(.runFull)])
    #expect(app.view.overlay == nil)
    app = open("theme nord", App(options: .init(themes: ["ansi", "nord"])))
    #expect(app.update(.key(.enter)) == [])
    #expect(app.themeName == "nord")
  }

  @Test func `an action of another screen opens that screen first`() throws {
    var app = open("relevance colours", sample.finished)
    #expect(try text(items(app)[0]) == "Tokens: relevance colours on, off")
    _ = app.update(.key(.enter))
    #expect(app.view.screen == .tokens && app.view[TokensScreen.self].showsHeat)
  }

  @Test func `what cannot be done now says why and does nothing`() throws {
    var app = open("save the report", sample.app(after: 4))
    let item = try items(app)[0]
    #expect(!item.isAvailable)
    #expect(item.note.spans.map(\.text).joined().contains("needs a complete run"))
    let run = app.run
    #expect(app.update(.key(.enter)) == [])
    #expect(app.run == run)
    #expect(app.view.toast?.text.contains("the report needs") == true)
  }

  @Test func `rebound keys are shown, and actions without a key are found`() throws {
    let keys = AppKeyTable.standard.rebinding(.fullRun, to: [.function(6)])
      .rebinding(.pin, to: [])
    let app = SampleRun().app(after: 4, options: .init(keys: keys))
    #expect(try items(open("run full tokens", app))[0].label == "F6")
    #expect(try items(open("pin run", app))[0].label == "")
  }

  @Test func `a screen without a digit is reached by its name`() throws {
    let screens = Array(repeating: Screen.all, count: 3).flatMap { $0 }.prefix(18) + [.log]
    let table = AppKeyTable.opening(Array(screens), in: [.screen(.layers)])
    #expect(table.contains { $0.keys.isEmpty && $0.action == .screen(.log) })
    var app = open("screen-log", sample.finished)
    _ = app.update(.key(.enter))
    #expect(app.view.screen == .log)
  }

  @Test func `arrows choose, typing starts at the top, and Escape closes the top layer only`()
    throws
  {
    var app = sample.finished
    app.open(.tokens)
    app = open("budget", app)
    _ = app.update(.key(.down))
    _ = app.update(.key(.down))
    guard case .list(let list)? = app.view.overlay else { throw NoList() }
    #expect(list.selected == 2)
    _ = app.update(.key(.character(" ")))
    guard case .list(let other)? = app.view.overlay else { throw NoList() }
    #expect(other.selected == 0)
    #expect(app.update(.key(.escape)) == [])
    #expect(app.view.overlay == nil && app.view.screen == .tokens)
  }
}
