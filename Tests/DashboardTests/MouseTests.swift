import Terminal
import Testing

@testable import Dashboard

struct MouseTests {
  private let sample = SampleRun()

  private func app(_ screen: Screen, after steps: Int = 18) -> App {
    var app = sample.app(after: steps)
    _ = app.update(.key(.character(screen.digit)))
    return app
  }

  private func click(_ x: Int, _ y: Int, _ app: inout App) {
    // Opening the screen of times asks for the machine's peak; nothing else reaches the engine.
    let effects = app.update(.mouse(MouseEvent(.press, x: x, y: y)))
    #expect(effects.allSatisfy { $0 == .send(.measurePeak) })
  }

  @Test func `the mouse is off until M is pressed`() {
    var app = sample.app(after: 2)
    #expect(!app.view.isMouseOn)
    #expect(app.update(.key(.character("M"))).map(\.directive) == [.mouse(true)])
    #expect(app.update(.key(.character("M"))).map(\.directive) == [.mouse(false)])
  }

  @Test func `a click on a tab opens its screen`() {
    for width in [40, 80, 120] {
      var app = sample.app(after: 2)
      _ = app.update(.resized(Size(width: width, height: 24)))
      for screen in Screen.all {
        let tabs = TabStrip(open: app.view.screen).tabs(in: AppLayout(app.view.size).tabs)
        let place = tabs.first { $0.screen == screen }?.place
        click(place?.x ?? 0, place?.y ?? 0, &app)
        #expect(app.view.screen == screen)
      }
    }
  }

  @Test func `a click on a ledger row moves the cursor there`() throws {
    for size in [(80, 24), (120, 40), (200, 60)] {
      for start in [0, 9, 30] {
        var app = app(.layers, after: 31)
        _ = app.update(.resized(Size(width: size.0, height: size.1)))
        app.view.inspected = start
        let rows = app.render(size: app.view.size, look: Look()).glyphRows
        let names = rows.map { String($0.prefix(12)) }
        let y = try #require(names.firstIndex { $0.contains("layer ") && !$0.hasSuffix(" 28") })
        let layer = try #require(Int(names[y].drop { !$0.isNumber }.prefix { $0.isNumber }))
        click(4, y, &app)
        #expect(app.selectedRow == layer + 1, "\(size) from \(start)")
      }
    }
  }

  @Test func `a clicked row stays under the pointer`() {
    for size in [(40, 12), (80, 24), (120, 40)] {
      for screen in [Screen.layers, .windows] {
        for start in [nil, 9, 30] {
          var app = app(screen, after: 31)
          _ = app.update(.resized(Size(width: size.0, height: size.1)))
          app.view.inspected = start
          func name(_ y: Int) -> Substring {
            let rows = app.render(size: app.view.size, look: Look()).glyphRows
            return rows[y].dropFirst(screen == .layers ? 2 : 0).prefix(9)
          }
          for y in 2..<size.1 - 2 {
            let before = name(y)
            click(4, y, &app)
            #expect(name(y) == before, "\(screen) \(size) line \(y)")
          }
        }
      }
    }
  }

  @Test func `the list of steps scrolls only as far as the cursor needs`() {
    var app = app(.layers, after: 31)
    _ = app.update(.key("g"))
    func first() -> Substring? {
      app.render(size: app.view.size, look: Look()).glyphRows.map { $0.prefix(12) }
        .first { $0.contains("encoders") || $0.contains("Stage I") || $0.contains("layer ") }
    }
    #expect(first()?.contains("encoders") == true)
    for _ in 0..<4 { _ = app.update(.key("j")) }
    #expect(first()?.contains("encoders") == true)
    for _ in 0..<16 { _ = app.update(.key("j")) }
    let top = first()
    #expect(top?.contains("encoders") == false)
    for _ in 0..<4 { _ = app.update(.key("k")) }
    #expect(first() == top)
    _ = app.update(.key(.escape))
    #expect(first() != top, "it follows the engine again, in the middle")
  }

  @Test func `a click on a temporal window selects it`() throws {
    var app = app(.windows)
    let rows = app.render(size: app.view.size, look: Look()).glyphRows
    let y = try #require(rows.firstIndex { $0.contains(" 6.0–8.0 ") })
    click(10, y, &app)
    #expect(app.view[WindowsScreen.self].selected == 3)
    click(10, 0, &app)
    #expect(app.view[WindowsScreen.self].selected == 3)
  }

  @Test func `a click on a token moves the token cursor there`() throws {
    var app = app(.tokens)
    let layout = app.filmLayout(in: TokensLayout(AppLayout(app.view.size).body).film)
    let cells = layout.token(1, row: layout.rows.lowerBound, column: 4)
    click(cells.x, cells.y, &app)
    let places = try #require(app.run.places)
    #expect(app.tokenCursor == places.clips[0].video[72 + layout.rows.lowerBound * 9 + 4])
  }

  @Test func `the mouse wheel moves rows, frames and lines`() {
    var layers = app(.layers)
    let row = layers.selectedRow
    _ = layers.update(.mouse(MouseEvent(.wheelUp, x: 5, y: 8)))
    #expect(layers.selectedRow == row - 1)
    var tokens = app(.tokens)
    let before = tokens.tokenCursor
    _ = tokens.update(.mouse(MouseEvent(.wheelDown, x: 5, y: 8)))
    #expect(tokens.tokenCursor != before)
    _ = tokens.update(.mouse(MouseEvent(.wheelUp, x: 5, y: 8)))
    #expect(tokens.tokenCursor == before)
    var input = app(.input)
    _ = input.update(.resized(Size(width: 40, height: 10)))
    _ = input.update(.mouse(MouseEvent(.wheelDown, x: 5, y: 8)))
    #expect(input.view[InputScreen.self].top == 1)
  }

  @Test func `a click closes the help and keeps typed text`() {
    var app = sample.app(after: 2)
    _ = app.update(.key(.character("?")))
    _ = app.update(.mouse(MouseEvent(.wheelDown, x: 5, y: 8)))
    click(3, 3, &app)
    #expect(app.view.overlay == nil)
    _ = app.update(.key(.character("e")))
    let overlay = app.view.overlay
    click(3, 3, &app)
    _ = app.update(.mouse(MouseEvent(.wheelDown, x: 5, y: 8)))
    #expect(app.view.overlay == overlay)
  }

  @Test func `a click at any cell leaves every screen valid`() {
    for screen in Screen.all {
      for size in [(1, 1), (40, 12), (80, 24)] {
        var app = app(screen)
        _ = app.update(.resized(Size(width: size.0, height: size.1)))
        for y in -1...size.1 {
          for x in stride(from: -1, through: size.0, by: 3) { click(x, y, &app) }
        }
        let frame = app.render(size: app.view.size, look: Look())
        #expect(frame.size == app.view.size)
      }
    }
  }
}
