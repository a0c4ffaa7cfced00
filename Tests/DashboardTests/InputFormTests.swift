import Media
import Selection
import Terminal
import Testing

@testable import Dashboard

/// The form that `i` opens on screen 8: how the clip is read.
struct InputFormTests {
  private let sample = SampleRun()

  private func press(_ keys: [Key], _ app: inout App) -> [Effect] {
    keys.reduce([]) { _, key in app.update(.key(key)) }
  }

  private func typed(_ text: String) -> [Key] { text.map { .character($0) } }

  private func screen(_ app: App, _ width: Int = 80, _ height: Int = 24) -> String {
    app.render(size: Size(width: width, height: height), look: Look()).glyphRows
      .joined(separator: "\n")
  }

  @Test func `the input form opens on screen 8 only and shows every setting`() {
    var app = sample.app(after: 4)
    _ = press([.character("i")], &app)
    // On other screens, i edits the question.
    if case .input = app.view.overlay { Issue.record("the input form is open on screen 1") }
    _ = press([.escape, .character("8"), .character("i")], &app)
    let text = screen(app)
    for field in InputSettings.Field.allCases { #expect(text.contains(field.rawValue), "\(text)") }
  }

  @Test func `Enter in the input form makes the engine reload the clip`() throws {
    var app = sample.app(after: 4)
    _ = press(typed("8i"), &app)
    let effects = press(
      [.down] + typed("1.5") + Array(repeating: .down, count: 6) + typed("Be brief.") + [.enter],
      &app)
    var wanted = InputSettings()
    (wanted.fps, wanted.system) = (1.5, "Be brief.")
    #expect(effects == [.send(.prepare(wanted))])
    #expect(app.view.overlay == nil && app.options.input == wanted)
    _ = press(typed("i"), &app)
    #expect(press([.enter], &app) == [], "nothing was changed")
  }

  @Test(arguments: [
    (1, "0"), (1, "nan"), (2, "1"), (3, "x"), (4, "-1"), (0, "vibes"), (9, "perhaps"), (11, "0"),
  ])
  func `an invalid field keeps the input form open and gets the cursor`(
    _ place: Int, _ text: String
  ) {
    var app = sample.app(after: 4)
    _ = press(typed("8i") + Array(repeating: .down, count: place) + typed(text), &app)
    _ = press([.up], &app)
    #expect(press([.enter], &app) == [])
    guard case .input(let form) = app.view.overlay else {
      Issue.record("the form is gone")
      return
    }
    #expect(form.focus == InputSettings.Field.allCases[place])
    #expect(screen(app).contains("✗"))
  }

  @Test func `"" in the input form sets empty text, an empty field sets nothing`() {
    var settings = InputSettings()
    settings.system = ""
    var form = InputForm(settings)
    #expect(form.settings == settings)
    form.move(to: .system)
    _ = form.handle(.control("u"))
    #expect(form.settings == InputSettings())
  }

  @Test func `the input form marks contradictory settings`() {
    var settings = InputSettings()
    (settings.minPixels, settings.maxPixels) = (9, 8)
    #expect(InputForm(settings).firstWrong == .maxPixels)
    settings = InputSettings()
    (settings.fps, settings.frames) = (1, 4)
    #expect(InputForm(settings).firstWrong == .frames)
  }

  @Test func `the budget reset names the model family of its ratios`() {
    var app = sample.app(after: 3)
    _ = press(typed("+="), &app)
    let text = screen(app, 120)
    #expect(text.contains("ratios of Qwen2.5-Omni"), "\(text)")
  }

  @Test func `the input form fits every screen size`() {
    var app = sample.app(after: 3)
    _ = press(typed("8i"), &app)
    for (width, height) in [(40, 10), (60, 12), (80, 24), (200, 60)] {
      #expect(screen(app, width, height).contains("preset"))
    }
  }
}
