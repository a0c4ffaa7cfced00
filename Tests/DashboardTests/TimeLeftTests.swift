import Terminal
import Testing

@testable import Dashboard

struct TimeLeftTests {
  private let sample = SampleRun()

  private func running(after steps: Int) -> App {
    var app = sample.app(after: steps)
    _ = app.update(.message(.activity(.running)))
    return app
  }

  @Test func `the time left is estimated from finished layers`() throws {
    let all = sample.records(30)
    for steps in [4, 10, 25] {
      let app = running(after: steps)
      let left = try #require(app.run.timeLeft(at: app.view.now))
      let expected = all[steps..<30].reduce(0) { $0 + $1.totalMilliseconds }
      // The sample's layers take time in proportion to their FLOPs; selections are small.
      #expect(abs(left / expected - 1) < 0.1, "\(steps): \(left) for \(expected)")
    }
  }

  @Test func `no time left is shown before a layer is timed or when idle`() {
    #expect(running(after: 2).run.timeLeft(at: .zero) == nil)
    #expect(sample.app(after: 10).run.timeLeft(at: .zero) == nil)
    #expect(running(after: 31).run.timeLeft(at: .zero) == nil)
  }

  @Test func `process memory and KV cache memory are shown`() throws {
    var app = sample.app(after: 4)
    #expect(!memory(app).contains("process"))
    var record = sample.records(5)[4]
    record.residentBytes = 5 << 30
    _ = app.update(.message(.advanced(record)))
    #expect(memory(app).contains("process 5.00 GiB"))
  }

  private func memory(_ app: App) -> String {
    RunFacts(app.run, app.keys).memory.line.spans.map(\.text).joined()
  }
}
