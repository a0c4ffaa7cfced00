import Basics
import Reports
import Selection
import Terminal
import Testing

@testable import Dashboard

struct SessionTests {
  private let sample = SampleRun()

  private func screen(_ app: App) -> String {
    app.render(size: Size(width: 120, height: 40), look: Look()).glyphRows.joined(separator: "\n")
  }

  @Test func `rows of predicted steps are marked, then replaced by measured ones`() throws {
    var app = sample.app(after: 3)
    let row = try #require(screen(app).split(separator: "\n").first { $0.contains("layer 2 ") })
    #expect(row.contains("~"))
    for record in sample.records(4).suffix(1) { _ = app.update(.message(.advanced(record))) }
    let after = try #require(screen(app).split(separator: "\n").first { $0.contains("layer 2 ") })
    #expect(!after.contains("~"))
  }

  @Test func `steps of an old plan are hidden until the engine has the new one`() {
    var app = sample.app(after: 20)
    _ = app.update(.key(.character("+")))
    let wanted = app.run.settings
    #expect(app.run.ledger.current.count == 1)
    _ = app.update(.message(.advanced(sample.records(21)[20])))
    #expect(app.run.ledger.current.count == 1, "a late step of the old plan")
    _ = app.update(.message(.planned(wanted, app.run.plan, keptSteps: 1)))
    #expect(app.run.ledger.records.count == 1)
    _ = app.update(.message(.advanced(sample.records(2)[1])))
    #expect(app.run.ledger.current.count == 2)
  }

  @Test func `a late reply with an older plan does not replace a newer plan`() {
    var app = sample.app(after: 5)
    _ = app.update(.key(.character("+")))
    let (first, firstPlan) = (app.run.settings, app.run.plan)
    _ = app.update(.key(.character("+")))
    let second = app.run.settings
    _ = app.update(.message(.planned(first, firstPlan, keptSteps: 1)))
    #expect(app.run.settings == second)
    #expect(app.run.plan == second.plan(for: sample.subject.promptShape))
  }

  @Test func `a failed command does not undo a queued plan`() {
    var app = sample.app(after: 5)
    _ = app.update(.key(.character("+")))
    let wanted = app.run.settings
    _ = app.update(.message(.failed("no memory")))
    #expect(app.run.settings == wanted)
    #expect(app.view.toast?.text == "no memory")
    #expect(app.run.log.last?.kind == .failure)
  }

  @Test func `the timer of a step runs while the step runs`() {
    var app = sample.app(after: 4)
    _ = app.update(.clock(.seconds(1)))
    _ = app.update(.message(.activity(.running)))
    _ = app.update(.message(.began(.layer(3))))
    #expect(app.tick != nil)
    let before = HeaderLine.clock(app.run, app.view.now)
    _ = app.update(.clock(.seconds(3)))
    #expect(HeaderLine.clock(app.run, app.view.now) == before + 2000)
    _ = app.update(.message(.activity(.idle)))
    #expect(HeaderLine.clock(app.run, app.view.now) == before)
    #expect(app.tick == nil, "nothing moves while idle")
  }

  @Test func `the screen compares answer and time with the full-token run`() {
    var app = sample.finished
    #expect(screen(app).contains("same answer"))
    #expect(screen(app).contains("faster"))
    _ = app.update(.message(.answered(sample.answer("once", ids: [9]))))
    #expect(screen(app).contains("different answer: twice"))
    #expect(screen(app).contains("expected twice"))
  }

  @Test func `stepping back removes the answer`() {
    var app = sample.finished
    _ = app.update(.message(.rewound(steps: 12)))
    #expect(app.run.answer == nil)
    #expect(app.run.ledger.current.count == 12)
    #expect(screen(app).contains("so far"))
  }

  @Test func `a status message expires and covers no data`() {
    var app = sample.app(after: 4)
    let before = screen(app).split(separator: "\n").dropLast()
    _ = app.update(.message(.saved("out.json")))
    #expect(screen(app).contains("saved out.json"))
    #expect(screen(app).split(separator: "\n").dropLast() == before)
    _ = app.update(.clock(.seconds(60)))
    #expect(app.view.toast == nil)
  }

  @Test func `the screen shows why a model cannot be opened`() {
    var app = App()
    _ = app.update(.message(.loading("reading the checkpoint")))
    _ = app.update(.message(.failed("model.safetensors is cut short at byte 512")))
    _ = app.update(.clock(.seconds(100)))
    #expect(screen(app).contains("cut short at byte 512"))
    #expect(app.update(.key(.character("n"))) == [])
  }

  @Test func `the screen shows the progress of loading`() {
    var app = App()
    _ = app.update(.message(.loading("packing the weights, once")))
    let progress = WorkProgress(.packing, done: 3 << 30, total: 12 << 30, seconds: 6)
    _ = app.update(.message(.progress(progress)))
    #expect(screen(app).contains("packing the weights …"))
    #expect(screen(app).contains("3.00 GiB of 12.0 GiB, 512 MiB/s, 18.0 s left"))
    _ = app.update(.message(.loading("reading the clip")))
    #expect(!screen(app).contains("GiB/s"))
  }

  @Test func `the method full is shown as a plan without drops`() {
    var app = sample.app(after: 2)
    _ = app.update(.key(.character("m")))
    #expect(screen(app).contains("no drops: every token in every layer"))
    #expect(app.run.row(10)?.leaving == sample.subject.prompt.counts)
  }

  @Test func `numbers, times, bytes and percentages have fixed formats`() {
    #expect(
      [0.123, 1.234, 12.34, 123.4, 1234].map(Measure.number) == [
        "0.12", "1.23", "12.3", "123", "1234",
      ])
    #expect(
      [0.42, 312, 4210, 125_000].map(Measure.time) == ["0.42 ms", "312 ms", "4.21 s", "2:05 min"])
    #expect(
      [0, 1023, 1024, 3_670_016].map(Measure.bytes) == ["0 B", "1023 B", "1.00 KiB", "3.50 MiB"])
    #expect([0.15, 0.192, 1, 0.005].map(Measure.percent) == ["15 %", "19.2 %", "100 %", "0.5 %"])
    #expect(Measure.number(.infinity) == "-")
  }
}
