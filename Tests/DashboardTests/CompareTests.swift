import Runs
import Selection
import Sessions
import Terminal
import Testing

@testable import Dashboard

/// What screen 5 compares with, and the swap of both runs.
struct CompareTests {
  private let sample = SampleRun()

  private func press(_ key: Key, _ app: inout App) -> [Effect] { app.update(.key(key)) }

  private func text(_ app: App) -> String {
    var app = app
    app.open(.compare)
    return app.render(size: Size(width: 100, height: 30), look: Look()).glyphRows
      .joined(separator: "\n")
  }

  /// The sample after all steps, without full tokens.
  private var answered: App {
    var app = sample.app(after: sample.subject.model.decoder.layers + 3)
    _ = app.update(.message(.answered(sample.answer())))
    return app
  }

  @Test func `with nothing pinned, full tokens are compared once they ran`() {
    #expect(answered.otherRun == nil)
    let words = text(answered).split(whereSeparator: \.isWhitespace).joined(separator: " ")
    #expect(words.contains("f runs full tokens for KL"))
    #expect(sample.finished.otherRun?.title == "full tokens")
    #expect(text(sample.finished).contains("full tokens"))
    let full = sample.finished.otherRun?.run.run
    #expect(full?.retentionReached == 1)
    #expect(full?.tokensPerLayer == Array(repeating: sample.subject.prompt.counts, count: 28))
    #expect(full?.answer == sample.fullRun.answer)
  }

  @Test func `without full tokens, the run before the last edit is compared`() {
    var app = answered
    _ = press("+", &app)
    #expect(app.otherRun?.title == "before the edit")
    #expect(app.otherRun?.run.name == "seats R 15")
    #expect(app.otherRun?.run.run.answer == sample.answer())
    // An edit of an incomplete run does not replace the last complete one.
    _ = press("+", &app)
    #expect(app.otherRun?.run.name == "seats R 15")
    #expect(text(app).contains("before the edit"))
  }

  @Test func `a pinned run comes first`() {
    var app = sample.finished
    _ = press("c", &app)
    #expect(app.otherRun?.title == "pinned")
  }

  @Test func `the earlier question stays beside the new one`() {
    var app = answered
    let clip = sample.subject.clip
    let other = ClipSummary(
      title: clip.title, source: clip.source, seconds: clip.seconds, frames: clip.frames,
      question: "Which animal?", choices: clip.choices, answer: nil, audit: clip.audit)
    let subject = RunSubject(
      model: sample.subject.model, clip: other,
      prompt: PromptSummary(
        modalities: sample.subject.prompt.modalities + [.text], windows: 10, tokensPerGrid: 72))
    _ = app.update(.message(.opened(subject, settings: sample.settings, plan: sample.plan)))
    _ = app.update(.message(.advanced(sample.records(1)[0])))
    let shown = text(app)
    #expect(shown.contains("Which animal?") && shown.contains("How often does the dog"))
    #expect(shown.contains("twice") && shown.contains("different inputs"))
  }

  @Test func `C makes the compared run the current one and pins the current one`() {
    var app = sample.finished
    var full = sample.settings
    full = SelectionSettings(
      method: .full, budget: RetentionBudget(video: 1, audio: 1),
      encoderScale: full.encoderScale, dropLayers: full.dropLayers, lateLayer: full.lateLayer)
    #expect(press("C", &app) == [.send(.configure(sample.planned(full), resume: true))])
    #expect(app.otherRun?.title == "pinned" && app.otherRun?.run.name == "seats R 15")
    _ = app.update(.message(.planned(full, .full, keptSteps: 1)))
    let back = press("C", &app)
    #expect(back == [.send(.configure(sample.planned(sample.settings), resume: true))])
  }

  @Test func `without another run, C says what pins one`() {
    var app = answered
    #expect(press("C", &app) == [])
    #expect(app.view.toast?.text == "no run to swap with: c pins this one")
  }
}
