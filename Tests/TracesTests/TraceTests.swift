import Foundation
import Selection
import SessionSupport
import TestSupport
import Testing

@testable import Runs
@testable import Sessions
@testable import Traces

/// What a session reports, written and read again.
@Suite struct `A trace` {
  /// A session's events up to the answer, with an edit and the reference run on the way.
  static func events() async throws -> [SessionEvent] {
    let golden = Fixtures.golden.appending(path: "qwen2_5_av")
    let listener = SessionListener()
    let session = Session(
      RunRequest(
        model: golden.appending(path: "checkpoint").path, clip: golden.appending(path: "clip").path,
        maxNewTokens: 6, ignoresEnd: true),
      onEvent: { listener.append($0) })
    session.start()
    session.send(.runFull)
    _ = try await listener.next { if case .fullRun = $0 { true } else { false } }
    session.send(.run)
    _ = try await listener.next {
      if case .answered(let answer) = $0 { answer.isComplete } else { false }
    }
    session.send(.measurePeak)
    session.send(.repeatRuns(1))
    _ = try await listener.next { if case .repeated(let run) = $0 { !run.isFull } else { false } }
    let edited = listener.all.count
    session.send(
      try listener.configuring {
        $0 = SelectionSettings(defaultsForLayers: 10)
        $0.method = .visionzipOmni
      })
    _ = try await listener.next(after: edited) {
      if case .answered(let answer) = $0 { answer.isComplete } else { false }
    }
    session.send(.back)
    session.send(.saveReport("/nowhere/report.json"))
    _ = try await listener.next { if case .failed = $0 { true } else { false } }
    session.close()
    return listener.all
  }

  static func lines(_ events: [SessionEvent]) throws -> [Data] {
    var writer = TraceWriter()
    var lines = [try writer.header(writer: "tests 1", started: nil)]
    for (index, event) in events.enumerated() {
      if let line = try writer.line(event, at: Double(index) / 8) { lines.append(line) }
    }
    return lines + [try writer.end(at: nil, peakMemoryBytes: 5)]
  }

  @Test func `reading a trace gives the events that were written`() async throws {
    let events = try await Self.events()
    var reader = TraceReader()
    var read: [SessionEvent] = []
    for line in try Self.lines(events) {
      #expect(line.last == UInt8(ascii: "\n") && line.count { $0 == UInt8(ascii: "\n") } == 1)
      read += try reader.read(line).map(\.event)
    }
    #expect(reader.isEnded)
    #expect(read.last == .peakMemory(5))
    // What a trace leaves out.
    let told = events.filter {
      switch $0 {
      case .loading, .study: false
      default: true
      }
    }
    for (one, other) in zip(told, read) where one != other {
      if case .opened(let live, let settings, let plan) = one,
        case .opened(let replayed, let sameSettings, let samePlan) = other
      {
        #expect(replayed.origin == RunOrigin(writer: "tests 1", method: nil))
        #expect((live.model, live.clip) == (replayed.model, replayed.clip))
        #expect(live.prompt == replayed.prompt && live.media == replayed.media)
        #expect(settings == sameSettings && plan == samePlan)
      } else if case .failed(let live) = one, case .failed(let replayed) = other {
        #expect(live.text == replayed.text)
      } else {
        #expect(one == other)
      }
    }
    #expect(told.count == read.count - 1)
  }
}
