import Foundation
import OmniModel
import Selection
import Terminal
import Testing

@testable import Dashboard
@testable import Runs
@testable import Traces

/// The screen and the engine of one run, with a trace of everything the engine says.
struct EditedScreen {
  private(set) var app: App
  private let session: SteppedSession
  private var writer = TraceWriter()
  private(set) var trace: [Data] = []
  /// What was pressed, for a failure to be repeated.
  private(set) var history: [String] = []
  let reportPath: String

  init(_ opened: OpenedRun, _ request: RunRequest, reportPath: String) throws {
    self.reportPath = reportPath
    app = App(
      options: .init(
        methods: [.seats, .full]
          + SelectionMethod.allCases.filter { ![.seats, .full].contains($0) },
        reportPath: reportPath))
    session = SteppedSession(opened, request)
    trace.append(try writer.header(writer: "edits", started: nil))
  }

  mutating func press(_ key: Key) throws { try update(.key(key), "\(key.name)") }
  mutating func paste(_ text: String) throws {
    try update(.pasted(text), "paste \(text.prefix(20))")
  }
  mutating func interrupt() throws { try update(.interrupted, "^C") }

  private mutating func update(_ event: AppEvent, _ name: String) throws {
    history.append(name)
    perform(app.update(event))
  }

  private func perform(_ effects: [Effect]) {
    for effect in effects {
      switch effect {
      // Times of the machine are not compared, and cost a moment.
      case .send(.measurePeak): break
      case .send(let command): session.send(command)
      case .cancel: session.cancel()
      case .quit, .repaint, .suspend, .mouse: break
      }
    }
  }

  mutating func cancel(afterSteps steps: Int) {
    history.append("cancel in step \(steps + 1)")
    session.cancel(afterSteps: steps)
  }

  /// Lets the engine work a little, and the screen take in some of what it says.
  mutating func goOn(pieces: Int, events: Int) throws {
    history.append("·\(pieces),\(events)")
    for _ in 0..<pieces where !session.work() { break }
    try take(events)
  }

  private mutating func take(_ count: Int = .max) throws {
    for event in session.take(count) {
      if let line = try writer.line(event, at: nil) { trace.append(line) }
      perform(app.update(.message(event)))
    }
  }

  /// Until nothing happens any more.
  mutating func settle() throws {
    repeat {
      session.finishAll()
      try take()
    } while session.work()
  }

  /// Closes what is open, runs to the answer and saves the report.
  mutating func finish() throws {
    try settle()
    while app.view.overlay != nil { try press(.escape) }
    // A breakpoint may stop it at every step.
    for _ in 0..<200 where app.run.answer?.isComplete != true || !app.run.isComplete {
      try press(.character(" "))
      try settle()
    }
    try press(.character("s"))
    try settle()
  }
}
