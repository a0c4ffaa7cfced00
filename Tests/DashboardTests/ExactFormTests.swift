import Selection
import Sessions
import Terminal
import Testing

@testable import Dashboard

/// What is shown rounded and not edited stays as it is, to the last bit.
@Suite struct `Settings with many digits` {
  private let sample = SampleRun()

  /// Settings that no form can show in full.
  static let settings: [SelectionSettings] = {
    let base = SampleRun().settings
    func edited(_ change: (inout SelectionSettings) -> Void) -> SelectionSettings {
      var settings = base
      change(&settings)
      return settings
    }
    return [
      edited { $0.budget = RetentionBudget(nominalPercent: 36) },
      edited { $0.budget = RetentionBudget(nominalPercent: 12.5) },
      edited { $0.budget = RetentionBudget(nominalPercent: 100.0 / 7) },
      edited { $0.budget = RetentionBudget(video: 1.0 / 3, audio: 0.123456789) },
      edited { $0.budget = RetentionBudget(video: 0.000_04, audio: 0.999_999_9) },
      edited { $0.encoderScale = 1.23456 },
      edited { $0.encoderScale = 1.0 / 3 },
      edited { $0.windowTemperature = 0.1234567 },
      edited { $0.windowTemperature = 1e-7 },
      edited { $0.dropLayers = [30, 40] },
      edited { ($0.lateLayer, $0.dropLayers) = (99, [3]) },
      edited { $0.seed = .max },
    ]
  }()

  private func app(_ settings: SelectionSettings) -> App {
    var app = sample.app(after: 4)
    app.run.openedSettings = nil
    let plan = settings.plan(for: sample.subject.promptShape)
    _ = app.update(.message(.opened(sample.subject, settings: settings, plan: plan)))
    return app
  }

  @Test(arguments: settings) func `Enter in an unedited form changes no digit of the settings`(
    _ settings: SelectionSettings
  ) {
    var app = app(settings)
    _ = app.update(.key(.character("e")))
    #expect(app.update(.key(.enter)) == [])
    #expect(app.view.overlay == nil)
    #expect(app.run.settings == settings)
  }

  @Test(arguments: settings)
  func `editing and undoing a form field keeps all digits of the settings`(
    _ settings: SelectionSettings
  ) throws {
    for field in PlanForm.Field.allCases where field != .method {
      var form = PlanForm(settings, methods: [.seats], shape: sample.subject.promptShape)
      guard form.isUsed(field) else { continue }
      form.move(to: field)
      _ = form.handle(.character("1"))
      _ = form.handle(.backspace)
      #expect(form.settings == settings, "\(field)")
    }
    var form = PlanForm(settings, methods: [.seats], shape: sample.subject.promptShape)
    form.move(to: .grids)
    _ = form.handle(.control("u"))
    _ = form.handle(.character("5"))
    var wanted = settings
    wanted.windows.grids = 5
    #expect(form.settings == wanted)
  }

  @Test func `the form shows and reads R with all its digits`() {
    for percent in [12.5, 7.25, 33.3] {
      var settings = sample.settings
      settings.budget = RetentionBudget(nominalPercent: percent)
      let form = PlanForm(settings, methods: [.seats], shape: sample.subject.promptShape)
      #expect(form.line(.retention).text == "\(percent)")
    }
    var form = PlanForm(sample.settings, methods: [.seats], shape: sample.subject.promptShape)
    form.move(to: .retention)
    _ = form.handle(.control("u"))
    for digit in "36" { _ = form.handle(.character(digit)) }
    #expect(form.settings?.budget == RetentionBudget(nominalPercent: 36), "not the rounded shares")
  }

  @Test func `header and plan facts show R with all its digits`() {
    var settings = sample.settings
    for (percent, text) in [(12.5, "12.5"), (15, "15"), (100.0 / 7, "14.29"), (7.25, "7.25")] {
      settings.budget = RetentionBudget(nominalPercent: percent)
      let app = app(settings)
      #expect(HeaderLine.budget(app.run) == "seats R \(text)")
      #expect(app.run.planName == "seats R \(text)")
      settings.budget = RetentionBudget(
        video: settings.budget.video, audio: settings.budget.audio)
      #expect(
        HeaderLine.budget(self.app(settings).run) == "seats R \(text)", "as a trace states it")
    }
  }

  @Test func `a budget key changes one keep ratio by 1 % and nothing else`() {
    var settings = sample.settings
    settings.budget = RetentionBudget(video: 0.307692, audio: 1.0 / 3)
    var app = app(settings)
    _ = app.update(.key(.character("V")))
    #expect(abs(app.run.settings.budget.video - 0.317692) < 1e-12)
    #expect(app.run.settings.budget.audio == 1.0 / 3)
    settings.budget.video = 0.004
    app = self.app(settings)
    _ = app.update(.key(.character("v")))
    #expect(app.run.settings.budget.video == 0.004, "less is never more")
    settings.budget = RetentionBudget(nominalPercent: 12.5)
    app = self.app(settings)
    _ = app.update(.key(.character("+")))
    #expect(app.run.settings.budget == RetentionBudget(nominalPercent: 13.5))
    _ = app.update(.key(.character("=")))
    #expect(app.run.settings == settings)
  }

  @Test func `a keep-ratio breakpoint is shown with all its digits`() {
    for text in ["kept < 33.33 %", "kept < 30 %", "kept < 0.0625 %", "kept < 12.345678 %"] {
      #expect(Breakpoint(text)?.description == text)
    }
  }
}

/// Text that is pasted reaches an editor at once, as much of it as a line takes.
@Suite struct `A long paste` {
  private static let text = String(repeating: "12e\u{301}", count: 20_000)

  private func line(_ app: App) -> LineEditor? {
    switch app.view.overlay {
    case .plan(let form): form.line(form.focus)
    case .breakpoint(let editor), .search(let editor): editor
    default: nil
    }
  }

  @Test(arguments: [["e", "down"], ["e", "down", "down"], ["B"], ["/"]])
  func `every line editor keeps only the first line of a long paste`(_ keys: [String]) throws {
    var app = SampleRun().app(after: 4)
    for key in keys { _ = app.update(.key(try #require(Key(key)))) }
    for _ in 0..<3 { #expect(app.update(.pasted(Self.text)) == []) }
    let editor = try #require(line(app))
    #expect(editor.text.unicodeScalars.count == 1000)
    #expect(editor.caret == editor.text.count)
    #expect(editor.text.contains("12e\u{301}12e\u{301}"))
  }

  @Test func `pasted text edits a field like typed text`() {
    let text = "16-18-20 née e\u{301}\u{301} 漢字 👩‍👩‍👧"
    var (typed, pasted) = (LineEditor("ab"), LineEditor("ab"))
    for scalar in text.unicodeScalars { _ = typed.handle(.character(Character(scalar))) }
    pasted.paste(text)
    #expect(typed == pasted)
  }
}
