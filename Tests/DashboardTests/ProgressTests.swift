import Basics
import Terminal
import Testing

@testable import Dashboard

/// Progress of long work in the status line.
struct ProgressTests {
  private let sample = SampleRun()

  private func status(_ app: App, _ width: Int = 100, _ look: Look = Look()) -> String {
    app.render(size: Size(width: width, height: 24), look: look).glyphRows.last ?? ""
  }

  @Test func `the status line shows a bar, the rate and the time left of an encoder`() {
    var app = sample.app(after: 0)
    _ = app.update(.message(.activity(.running)))
    _ = app.update(.message(.began(.encoders)))
    let progress = WorkProgress(.videoEncoder, done: 8, total: 32, seconds: 4)
    _ = app.update(.message(.progress(progress)))
    let line = status(app)
    #expect(line.contains("video encoder ███▌"), "\(line)")
    #expect(line.contains("8 of 32, 2.0/s, 12.0 s left: space pauses, ^C cancels"), "\(line)")
    #expect(status(app, 100, Look(glyphs: .ascii)).contains("video encoder ###-----------"))
    #expect(status(app, 40).contains("8 of 32"))
  }

  @Test func `the bar goes when the work has ended`() {
    for end: AppEvent in [
      .message(.activity(.idle)), .message(.advanced(sample.records(1)[0])),
      .message(.failed("no room")),
      .message(.progress(WorkProgress(.sweep, done: 9, total: 9, seconds: 3))),
    ] {
      var app = sample.app(after: 0)
      _ = app.update(.message(.activity(.running)))
      _ = app.update(
        .message(.progress(WorkProgress(.sweep, done: 3, total: 9, seconds: 3))))
      #expect(app.run.progress != nil)
      _ = app.update(end)
      #expect(app.run.progress == nil)
    }
  }

  @Test func `layers have a bar after half a second, with the estimate of unequal layers`() throws {
    var app = sample.app(after: 4)
    _ = app.update(.clock(.seconds(10)))
    _ = app.update(.message(.activity(.running)))
    #expect(app.run.workProgress(at: app.view.now) == nil)
    for record in sample.records(10).dropFirst(4) { _ = app.update(.message(.advanced(record))) }
    _ = app.update(.clock(.seconds(13)))
    let progress = try #require(app.run.workProgress(at: app.view.now))
    #expect(progress.done == 8 && progress.total == 28 && progress.perSecond == 2)
    let left = try #require(app.run.timeLeft(at: app.view.now))
    #expect(progress.secondsLeft == left / 1000)
    #expect(status(app).contains("8 of 28, 2.0/s"))
  }

  @Test func `decoding frames shows its progress while a clip is opened`() {
    var app = App()
    _ = app.update(.message(.loading("reading the clip")))
    _ = app.update(.message(.progress(WorkProgress(.frames, done: 30, total: 120, seconds: 2))))
    let text = app.render(size: Size(width: 80, height: 24), look: Look()).glyphRows.joined()
    #expect(text.contains("decoding frames …") && text.contains("30 of 120, 15/s, 6.0 s left"))
  }
}
