import Selection
import Terminal
import Testing

@testable import Dashboard

/// The form that `e` opens: every setting of a plan, checked as it is typed.
struct PlanFormTests {
  private let sample = SampleRun()

  private func open(_ settings: SelectionSettings? = nil) -> PlanForm {
    PlanForm(
      settings ?? sample.settings, methods: [.seats, .full, .fastv, .randomLate],
      shape: sample.subject.promptShape)
  }

  private func type(_ text: String, in field: PlanForm.Field, _ form: inout PlanForm) {
    form.move(to: field)
    _ = form.handle(.control("u"))
    for character in text { _ = form.handle(.character(character)) }
  }

  private func screen(_ app: App, _ width: Int = 80, _ height: Int = 24) -> String {
    app.render(size: Size(width: width, height: height), look: Look()).glyphRows
      .joined(separator: "\n")
  }

  @Test func `Enter in an unedited plan form changes nothing`() {
    #expect(open().settings == sample.settings)
    var app = sample.app(after: 4)
    _ = app.update(.key(.character("e")))
    #expect(app.update(.key(.enter)) == [])
    #expect(app.view.overlay == nil)
    #expect(app.run.settings == sample.settings)
  }

  @Test(arguments: [
    (PlanForm.Field.video, "12.5"), (.audio, "0"), (.encoderScale, "2"), (.dropLayers, "4-9"),
    (.lateLayer, "26"), (.temperature, "0.3"), (.grids, "4"), (.audioSeconds, "3"),
  ])
  func `every field of the plan form changes its setting`(_ field: PlanForm.Field, _ text: String)
    throws
  {
    var form = open()
    type(text, in: field, &form)
    var wanted = sample.settings
    switch field {
    case .video: wanted.budget.video = 0.125
    case .audio: wanted.budget.audio = 0
    case .encoderScale: wanted.encoderScale = 2
    case .dropLayers: wanted.dropLayers = [4, 9]
    case .lateLayer: wanted.lateLayer = 26
    case .temperature: wanted.windowTemperature = 0.3
    case .grids: wanted.windows.grids = 4
    default: wanted.windows.audioSeconds = 3
    }
    #expect(try #require(form.settings) == wanted)
  }

  @Test(arguments: [
    (PlanForm.Field.retention, "0"), (.retention, "101"), (.video, ""), (.video, "100.1"),
    (.audio, "nan"), (.encoderScale, "-1"), (.dropLayers, "23"), (.dropLayers, "4-x"),
    (.lateLayer, "1"), (.lateLayer, "30"), (.lateLayer, ""), (.temperature, "0"),
    (.temperature, "inf"), (.grids, "0"), (.audioSeconds, "10001"), (.grids, "2.5"),
  ])
  func `an invalid plan value is marked with its limits and gets the cursor`(
    _ field: PlanForm.Field, _ text: String
  ) {
    var form = open()
    type(text, in: field, &form)
    #expect(form.settings == nil)
    #expect(form.firstWrong == field)
    form.move(to: .method)
    var app = sample.app(after: 4)
    app.view.overlay = .plan(form)
    #expect(screen(app).contains("✗ \(form.limits(field))"))
    #expect(screen(app).contains("correct the marked field"))
    #expect(app.update(.key(.enter)) == [])
    guard case .plan(let shown) = app.view.overlay else {
      Issue.record("the form is gone")
      return
    }
    #expect(shown.focus == field)
  }

  @Test func `the plan form refuses drop layers after the late removal`() {
    var form = open()
    type("22", in: .dropLayers, &form)
    #expect(form.settings != nil, "the removal follows layer 23")
    type("22", in: .lateLayer, &form)
    #expect(form.firstWrong == .dropLayers)
    #expect(form.limits(.dropLayers).contains("1 to 20"))
    type("none", in: .lateLayer, &form)
    #expect(form.settings?.dropLayers == [22])
    #expect(form.limits(.dropLayers).contains("1 to 27"))
    type("2", in: .lateLayer, &form)
    #expect(form.limits(.dropLayers).hasPrefix("none:"))
    type("none", in: .dropLayers, &form)
    #expect(form.settings?.dropLayers == [])
  }

  @Test func `editing R updates the keep ratios, and editing them updates R`() {
    var form = open()
    type("25", in: .retention, &form)
    #expect(form.settings?.budget == RetentionBudget(nominalPercent: 25))
    #expect(form.line(.video).text == "20")
    type("21", in: .video, &form)
    #expect(form.line(.retention).text.isEmpty)
    #expect(form.settings?.budget.video == 0.21)
    type("20", in: .video, &form)
    #expect(form.line(.retention).text == "25")
  }

  @Test func `settings that a method ignores are dimmed and skipped`() {
    var form = open()
    _ = form.handle(.right)
    #expect(form.method == .full)
    #expect(PlanForm.Field.allCases.filter(form.isUsed) == [.method])
    _ = form.handle(.right)
    #expect(form.method == .fastv)
    type("99", in: .dropLayers, &form)
    #expect(form.settings?.dropLayers == sample.settings.dropLayers, "not used, not read")
    form.move(to: .audio)
    _ = form.handle(.down)
    #expect(form.focus == .seed)
    _ = form.handle(.tab)
    #expect(form.focus == .method)
    _ = form.handle(.backTab)
    #expect(form.focus == .seed)
    form.move(to: .method)
    _ = form.handle(.left)
    _ = form.handle(.left)
    #expect(form.method == .seats)
  }

  @Test func `the plan preview updates with every key`() {
    var app = sample.app(after: 31)
    _ = app.update(.key(.character("e")))
    let before = screen(app)
    #expect(before.contains("Stage I 14/63 % → 16: 93/93 %"))
    #expect(before.contains("no change"))
    for _ in 0..<3 { _ = app.update(.key(.down)) }
    for key in [Key.control("u"), .character("4"), .character("0")] { _ = app.update(.key(key)) }
    let after = screen(app)
    #expect(after.contains("Stage I 14/56 %"))
    #expect(after.contains("from Stage I"))
    #expect(app.run.settings == sample.settings)
    #expect(app.run.ledger.current.count == 31)
    var wanted = sample.settings
    wanted.budget.audio = 0.4
    #expect(app.update(.key(.enter)) == [.send(.configure(sample.planned(wanted), resume: true))])
    #expect(app.view.overlay == nil)
  }

  @Test func `Escape and ^C close the plan form without a change`() {
    for leave in [AppEvent.key(.escape), .interrupted] {
      var app = sample.app(after: 4)
      _ = app.update(.key(.character("e")))
      _ = app.update(.key(.right))
      #expect(app.update(leave) == [])
      #expect(app.view.overlay == nil)
      #expect(app.run.settings == sample.settings)
      #expect(!app.view.isQuitArmed)
    }
  }

  @Test func `letters typed in the plan form are text, unbound keys show a message`() {
    var app = sample.app(after: 4)
    _ = app.update(.key(.character("e")))
    #expect(app.update(.key(.character("q"))) == [])
    #expect(app.view.toast?.text.contains("Esc closes this") == true)
  }

  @Test(arguments: SelectionMethod.allCases)
  func `a method parameter is a form field and changes the plan`(
    _ method: SelectionMethod
  ) throws {
    var settings = sample.settings
    settings.method = method
    var form = PlanForm(settings, methods: [method], shape: sample.subject.promptShape)
    let declared = SelectionMethod.declaredParameters.filter(method.parameters.contains)
    #expect(form.fields.count == PlanForm.Field.allCases.count + declared.count)
    for parameter in declared {
      form.move(to: .declared(parameter))
      _ = form.handle(.control("u"))
      form.paste(PlanForm.text(parameter.range.upperBound))
      let edited = try #require(form.settings)
      #expect(edited[parameter] == parameter.range.upperBound)
      let shape = sample.subject.promptShape
      #expect(edited.plan(for: shape) != settings.plan(for: shape))
      #expect(edited.identity != settings.identity)
      _ = form.handle(.control("u"))
      form.paste("-1")
      #expect(form.firstWrong == .declared(parameter))
      _ = form.handle(.control("u"))
      form.paste(PlanForm.text(settings[parameter]))
    }
  }

  @Test(arguments: SelectionMethod.allCases)
  func `an unused setting does not change the plan`(_ method: SelectionMethod) {
    var settings = sample.settings
    settings.method = method
    let plan = settings.plan(for: sample.subject.promptShape)
    for parameter in SelectionParameter.shared {
      var other = settings
      switch parameter {
      case .budget: other.budget = RetentionBudget(video: 0.31, audio: 0.77)
      case .encoderScale: other.encoderScale = 1.1
      case .dropLayers: other.dropLayers = [5]
      case .lateLayer: other.lateLayer = 20
      case .windowTemperature: other.windowTemperature = 0.7
      case .gridsPerWindow: other.windows.grids = 5
      case .audioWindowSeconds: other.windows.audioSeconds = 5
      case .seed: other.seed = 99
      default: Issue.record("\(parameter.name) is not tried")
      }
      let isSame = other.plan(for: sample.subject.promptShape) == plan
      #expect(isSame == !method.parameters.contains(parameter), "\(method) \(parameter.name)")
    }
  }
}

/// What the lines under the ledger say of the plan.
struct PlanLineTests {
  private func facts(_ app: App) -> String {
    app.render(size: Size(width: 120, height: 40), look: Look()).glyphRows
      .filter { $0.contains(" plan  ") || $0.contains(" keep  ") }.joined(separator: "\n")
  }

  @Test func `the plan preview omits a modality that the prompt lacks`() {
    let silent = facts(SampleRun(audio: 0).app(after: 2))
    #expect(silent.contains("video 10 %") && !silent.contains("audio"))
    #expect(silent.contains("Stage I 14 % → 16: 93 %"))
    let blind = facts(SampleRun(video: 0).app(after: 2))
    #expect(blind.contains("audio 45 %") && !blind.contains("video"))
    #expect(blind.contains("Stage I 63 % →"))
  }

  @Test func `the plan form says that a text-only prompt has no tokens to drop`() {
    let text = facts(SampleRun(video: 0, audio: 0).app(after: 2))
    #expect(text.contains("nothing to drop: no video or audio"))
    #expect(!text.contains("%"))
  }

  @Test func `the plan form states that R 100 drops nothing`() {
    var app = SampleRun().app(after: 2)
    for _ in 0..<20 { _ = app.update(.key(.character("]"))) }
    #expect(facts(app).contains("seats R 100  no drops at this budget  ! see 9"))
    #expect(facts(app).contains("keep  everything"))
  }

  @Test func `drop layers that are ignored are not shown as used`() {
    var app = SampleRun().app(after: 2)
    var settings = app.run.settings
    settings.dropLayers = [16, 26]
    _ = app.apply(settings)
    #expect(facts(app).contains("drop 16  late 24"))
  }
}
