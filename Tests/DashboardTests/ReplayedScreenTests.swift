import Foundation
import Runs
import Sessions
import Synchronization
import Terminal
import Testing
import Traces

@testable import Dashboard

/// A live run and the replay of its own trace, screen beside screen.
@Suite struct `A replayed run` {
  /// Events of a session, up to where it says that nothing is left to do.
  private final class Listener: Sendable {
    private let heard = Mutex<[SessionEvent]>([])

    func hear(_ event: SessionEvent) { heard.withLock { $0.append(event) } }

    func settled(_ times: Int) async throws -> [SessionEvent] {
      for _ in 0..<30_000 {
        let events = heard.withLock { $0 }
        if events.count(where: { $0 == .settled }) >= times { return events }
        try await Task.sleep(for: .milliseconds(10))
      }
      Issue.record("the session did not settle: \(heard.withLock { $0.suffix(3) })")
      return []
    }
  }

  private static let root = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()

  /// What somebody does on the screen: the run, full tokens, the machine's peak, repetitions.
  private func events(
    _ make: (@escaping @Sendable (SessionEvent) -> Void) -> any SessionDriver
  ) async throws -> [SessionEvent] {
    let listener = Listener()
    let session = make { listener.hear($0) }
    session.start(prepareThread: {})
    defer { session.close() }
    session.send(.settle)
    _ = try await listener.settled(1)
    for (index, command) in [SessionCommand.run, .runFull, .repeatRuns(2)].enumerated() {
      session.send(command)
      session.send(.settle)
      _ = try await listener.settled(index + 2)
    }
    session.send(.measurePeak)
    session.send(.settle)
    return try await listener.settled(5)
  }

  private func live() async throws -> [SessionEvent] {
    let samples = Self.root.appending(path: "samples")
    let request = RunRequest(
      model: samples.appending(path: "model").path,
      clip: samples.appending(path: "clips/4-two-at-once").path)
    return try await events { onEvent in
      Session(request, onEvent: onEvent)
    }
  }

  private func replayed(_ events: [SessionEvent]) async throws -> [SessionEvent] {
    let file = FileManager.default.temporaryDirectory.appending(path: "\(UUID()).jsonl")
    defer { try? FileManager.default.removeItem(at: file) }
    let recorder = try TraceRecorder(file.path, writer: "tests", keepsPaths: true)
    for event in events { try recorder.record(event) }
    try recorder.finish()
    return try await self.events { onEvent in
      ReplaySession(file.path, follows: false, onEvent: onEvent)
    }
  }

  private func app(_ events: [SessionEvent]) -> App {
    var app = App()
    for event in events { _ = app.update(.message(event)) }
    // Which of them is a recording, what its process held, and the divergence from full tokens,
    // which takes logits that no trace holds: that is all they may differ in.
    app.run.history.subject = app.run.subject?.of(nil)
    app.run.peakMemoryBytes = nil
    app.run.study.drift = nil
    _ = app.update(.clock(.seconds(3600)))
    return app
  }

  /// The rows of a frame where it differs from another.
  private func differences(_ one: App, _ other: App, _ size: Size) -> [String] {
    let frames = (one.render(size: size, look: Look()), other.render(size: size, look: Look()))
    guard frames.0 != frames.1 else { return [] }
    let rows = zip(frames.0.glyphRows, frames.1.glyphRows).filter { $0 != $1 }
    return rows.isEmpty ? ["styles alone"] : rows.map { "\($0)" }
  }

  private func pressing(_ keys: String, _ app: App) -> App {
    var app = app
    for key in keys { _ = app.update(.key(.character(key))) }
    _ = app.update(.clock(.seconds(7200)))
    return app
  }

  @Test func `a replayed run equals the live run on every screen`() async throws {
    let events = try await live()
    let (one, other) = (app(events), app(try await replayed(events)))
    #expect(one.run.isComplete && one.run.repeats.count == 4 && one.run.peak != nil)
    #expect(one.run.answer == other.run.answer && one.run.repeats == other.run.repeats)
    for size in [Size(width: 80, height: 24), Size(width: 160, height: 50)] {
      for keys in ["1", "2", "3", "3r", "4", "8"] {
        for row in 0..<one.run.stepCount {
          var (live, replay) = (one, other)
          (live.view.inspected, replay.view.inspected) = (row, row)
          let rows = differences(pressing(keys, live), pressing(keys, replay), size)
          if !rows.isEmpty { Issue.record("screen \(keys), row \(row), \(size): \(rows)") }
        }
      }
      for keys in ["5", "c5", "9"] {
        #expect(differences(pressing(keys, one), pressing(keys, other), size) == [], "\(keys)")
      }
    }
  }

  @Test func `a replayed run refuses measurements with a message`() async throws {
    let events = try await live()
    var replay = app(try await replayed(events))
    replay.run.history.subject = replay.run.subject?.of(.init(writer: "tests", method: nil))
    for keys in ["6r", "7r"] {
      let shown = pressing(keys, replay).render(size: Size(width: 80, height: 24), look: Look())
      #expect(shown.glyphRows.joined().contains("model to measure"), "\(shown.glyphRows)")
    }
  }
}
