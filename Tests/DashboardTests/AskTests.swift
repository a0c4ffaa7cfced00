import Runs
import Selection
import Sessions
import Terminal
import Testing

@testable import Dashboard

/// Questions asked on the screen, and the list of them.
struct AskTests {
  private let sample = SampleRun()

  private func press(_ keys: [Key], _ app: inout App) -> [Effect] {
    keys.flatMap { app.update(.key($0)) }
  }

  private func type(_ text: String, _ app: inout App) -> [Effect] {
    press(text.map { .character($0) }, &app)
  }

  /// The app after the engine has opened another question about the clip.
  private func asked(_ question: String, _ app: inout App) throws {
    let subject = try #require(app.run.subject)
    let clip = ClipSummary(
      title: subject.clip.title, source: subject.clip.source, seconds: subject.clip.seconds,
      frames: subject.clip.frames,
      question: AskedQuestion(question, choices: subject.clip.choices).text(suffix: nil),
      choices: subject.clip.choices, answer: nil, audit: subject.clip.audit)
    let next = RunSubject(
      model: subject.model, clip: clip, prompt: subject.prompt, media: subject.media)
    _ = app.update(.message(.opened(next, settings: app.run.settings, plan: app.run.plan)))
  }

  private func text(_ app: App, _ width: Int = 100, _ height: Int = 30) -> String {
    app.render(size: Size(width: width, height: height), look: Look()).glyphRows
      .joined(separator: "\n")
  }

  @Test func `i edits the question in place and keeps the choices`() {
    var app = sample.finished
    #expect(press(["i"], &app) == [])
    #expect(text(app).contains("How often does the dog bark?"))
    #expect(text(app).contains("choices kept: once / twice / three times"))
    let effects =
      press([.alt("b"), .control("k")], &app) + type("jump?", &app)
      + press([.enter], &app)
    var wanted = AskedQuestion(
      "How often does the dog jump?", choices: ["once", "twice", "three times"])
    wanted.answer = nil
    #expect(effects == [.send(.ask(wanted))])
    #expect(app.view.overlay == nil)
  }

  @Test func `the same question is not asked again, and Escape asks nothing`() {
    var app = sample.finished
    #expect(press(["i", .enter], &app) == [])
    #expect(app.view.toast?.text == "no change: same question")
    #expect(press(["i", "x", .escape], &app) == [])
    #expect(app.view.overlay == nil)
  }

  @Test func `a pasted question is asked as typed`() {
    var app = sample.finished
    _ = press(["i", .control("u")], &app)
    _ = app.update(.pasted("  どの色？ "))
    let effects = press([.enter], &app)
    #expect(
      effects == [.send(.ask(AskedQuestion("どの色？", choices: ["once", "twice", "three times"])))])
  }

  @Test func `next and previous walk the asked questions, with the right answer of the first`()
    throws
  {
    var app = sample.finished
    #expect(press(["N"], &app) == [])
    #expect(app.view.toast?.text.contains("only question") == true)
    try asked("Why?", &app)
    try asked("Where?", &app)
    #expect(
      app.questions.entries.map(\.asked.question) == [
        "How often does the dog bark?", "Why?", "Where?",
      ])
    guard case .send(.ask(let first))? = press(["N"], &app).first else {
      Issue.record("nothing asked")
      return
    }
    #expect(first.question == "How often does the dog bark?" && first.answer == "twice")
    try asked(first.question, &app)
    #expect(app.questions.current == 0 && app.questions.entries.count == 3)
    guard case .send(.ask(let last))? = press(["P"], &app).first else {
      Issue.record("nothing asked")
      return
    }
    #expect(last.question == "Where?")
  }

  @Test func `full tokens run for the next question if they ran for this one`() throws {
    var app = sample.finished
    #expect(app.run.fullRun != nil)
    _ = press(["i"], &app) + type("x", &app) + press([.enter], &app)
    try asked("How often does the dog bark?x", &app)
    #expect(app.run.fullRun == nil)
    for record in sample.finished.run.ledger.current { _ = app.update(.message(.advanced(record))) }
    let answer = try #require(sample.finished.run.answer)
    #expect(app.update(.message(.answered(answer))) == [.send(.runFull)])
    #expect(app.update(.message(.activity(.idle))) == [])
  }

  @Test func `the list of questions shows both answers and where they differ`() throws {
    var app = sample.finished
    try asked("Why?", &app)
    for record in sample.finished.run.ledger.current { _ = app.update(.message(.advanced(record))) }
    _ = app.update(.message(.answered(sample.answer("a cat", ids: [7]))))
    let known = sample.fullRun
    let full = FullRunRecord(
      answer: sample.answer("a dog", ids: [8]), prefillMilliseconds: known.prefillMilliseconds,
      layerMilliseconds: known.layerMilliseconds, keyValueBytes: known.keyValueBytes,
      executedFlops: known.executedFlops)
    _ = app.update(.message(.fullRun(full)))
    _ = press(["Q"], &app)
    #expect(text(app).contains("Why?"))
    #expect(text(app).contains("full tokens: a dog"))
    guard case .send(.ask(let asked))? = press([.up, .enter], &app).first else {
      Issue.record("nothing asked")
      return
    }
    #expect(asked.question == "How often does the dog bark?")
  }

  @Test func `a replay does not ask`() {
    var app = sample.app(after: 18)
    app.run.history.subject = app.run.subject?.of(RunOrigin(writer: "tests", method: nil))
    #expect(press(["i"], &app) == [] && app.view.overlay == nil)
    #expect(app.view.toast?.text.contains("not in a replay") == true)
  }

  @Test(arguments: [(40, 10), (80, 24), (160, 48)], [Glyphs.utf8, .ascii])
  func `the question editor and the lists fit and keep their state when resized`(
    _ size: (Int, Int), _ glyphs: Glyphs
  ) {
    for key: Key in ["i", "Q", ":"] {
      var app = sample.finished
      _ = press([key, "w"], &app)
      let before = app.view.overlay
      _ = app.update(.resized(Size(width: size.0, height: size.1)))
      #expect(app.view.overlay == before)
      let frame = app.render(size: Size(width: size.0, height: size.1), look: Look(glyphs: glyphs))
      #expect(frame.caret != nil, "\(key) at \(size)")
    }
  }
}
