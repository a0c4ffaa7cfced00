import Terminal
import Testing

@testable import Dashboard

/// A screen of its own: this file, and its place in the list.
struct ToyScreen: ScreenPage {
  struct View: ScreenView {
    var count = 0
  }

  static let name = "toy"
  static let title = "Toy"
  static let help = "toy: counts"
  static let bindings = keys(.init("count one more", .init(["u"], .countToy, hint: "count")))

  private let count: Int

  init(_ app: App) {
    count = app.view[Self.self].count
  }

  func render(in area: Rect, to frame: inout Frame) {
    frame.write("counted \(count)", in: area.row(0))
  }

  static func move(_ move: Move, in app: inout App) {
    if let distance = move.distance(page: 10) { app.view[Self.self].count += distance }
  }
}

extension Screen {
  static let toy = Screen(ToyScreen.self)
}

extension AppAction {
  static let countToy = AppAction("count-toy", needs: [.open]) { app in
    app.view[ToyScreen.self].count += 1
    return []
  }
}

struct ToyScreenTests {
  private static let screens = Screen.all + [.toy]

  private func app() -> App {
    var options = App.Options(keys: .keys(of: Self.screens))
    options.screens = Self.screens
    return SampleRun().app(after: 4, options: options)
  }

  private func text(_ app: App) -> String {
    app.render(size: Size(width: 120, height: 60), look: Look()).glyphRows
      .joined(separator: "\n")
  }

  @Test func `a screen added to the list has a key and a tab, in order`() {
    var app = app()
    _ = app.update(.key(.alt("2")))
    #expect(app.view.screen == .toy)
    #expect(text(app).contains(" 11 Toy ") && text(app).contains("counted 0"))
    _ = app.update(.key(.tab))
    #expect(app.view.screen == .layers)
    _ = app.update(.key(.backTab))
    #expect(app.view.screen == .toy)
    for width in 60..<200 {
      let tabs = TabStrip(open: .log, of: Self.screens)
        .tabs(in: Rect(x: 0, y: 0, width: width, height: 1))
      #expect(tabs.last?.screen == .toy)
    }
  }

  @Test func `a screen added to the list has key bindings, state and help`() {
    var app = app()
    _ = app.update(.key(.alt("2")))
    _ = app.update(.key("u"))
    _ = app.update(.key(.down))
    _ = app.update(.key("1"))
    _ = app.update(.key("u"))
    #expect(app.view.toast?.text.contains("does nothing here") == true)
    _ = app.update(.key(.alt("2")))
    #expect(text(app).contains("counted 2"))
    #expect(app.hints.map(\.action).contains("count"))
    #expect(app.options.keys.conflicts.isEmpty)
    #expect(app.options.keys.action(named: "screen-toy") == .screen(.toy))
    #expect(app.options.keys.context(named: "toy") == .screen(.toy))
    _ = app.update(.key("?"))
    #expect(text(app).contains("toy: counts") && text(app).contains("count one more"))
  }
}
