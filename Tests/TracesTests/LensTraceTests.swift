import Foundation
import OmniModel
import SessionSupport
import TestSupport
import Testing

@testable import Runs
@testable import Sessions
@testable import Traces

/// The lens in traces.
@Suite struct `The lens in a trace` {
  private static func session(_ lens: LensChoice) async throws -> [SessionEvent] {
    let golden = Fixtures.golden.appending(path: "qwen2_5_av")
    let listener = SessionListener()
    var request = RunRequest(
      model: golden.appending(path: "checkpoint").path, clip: golden.appending(path: "clip").path,
      maxNewTokens: 2, ignoresEnd: true)
    request.lens = lens
    let session = Session(request, onEvent: { listener.append($0) })
    session.start()
    session.send(.runFull)
    _ = try await listener.next { if case .fullRun = $0 { true } else { false } }
    session.send(.run)
    _ = try await listener.next {
      if case .answered(let answer) = $0 { answer.isComplete } else { false }
    }
    session.close()
    return listener.all
  }

  private static func trace(_ events: [SessionEvent]) throws -> [Data] {
    var writer = TraceWriter()
    return try [writer.header(writer: "test", started: nil)]
      + events.compactMap { try writer.line($0, at: nil) }
  }

  private static func history(_ events: [SessionEvent]) -> RunHistory {
    var history = RunHistory()
    for event in events { history.apply(event) }
    return history
  }

  @Test func `every record of the lens is read back as it was written`() async throws {
    let events = try await Self.session(.full)
    let written = Self.history(events)
    #expect(written.lens.records.count == 10)
    #expect(
      written.lens.records.allSatisfy {
        $0.prediction?.divergence != nil && $0.attention?.heads.isEmpty == false
      })
    #expect(written.fullRun?.lens.count == 10)
    var (reader, read) = (TraceReader(), RunHistory())
    for line in try Self.trace(events) {
      for traced in try reader.read(line) { read.apply(traced.event) }
    }
    #expect(read.lens == written.lens)
    #expect(read.fullRun?.lens == written.fullRun?.lens)
  }

  @Test func `a trace without a lens replays with none`() async throws {
    let events = try await Self.session(.off)
    let lines = try Self.trace(events)
    #expect(!lines.contains { String(decoding: $0, as: UTF8.self).contains("lens") })
    var (reader, read) = (TraceReader(), RunHistory())
    for line in lines { for traced in try reader.read(line) { read.apply(traced.event) } }
    #expect(read.lens.isEmpty && read.records.count == 13)
  }

  @Test func `an undone layer takes its lens with it, and the head every KL`() async throws {
    var history = Self.history(try await Self.session(.summary))
    history.apply(.rewound(steps: 12))
    #expect(history.lens.records.count == 10)
    #expect(history.lens.records.allSatisfy { $0.prediction != nil })
    #expect(history.lens.records.allSatisfy { $0.prediction?.divergence == nil })
    history.apply(.rewound(steps: 6))
    #expect(history.lens.records.map(\.layer) == [1, 2, 3, 4])
  }

  private static let opening = [
    #"{"schema":"seats-top/trace/1"}"#,
    #"{"event":"run","model":{"name":"m","layers":4},"tokens":{"modality":"TTTT"}}"#,
  ]

  private static func read(_ line: String) throws -> [TracedEvent] {
    var reader = TraceReader()
    for line in opening { _ = try reader.read(Data(line.utf8)) }
    return try reader.read(Data(line.utf8))
  }

  @Test(arguments: [
    (#"{"layer":5,"would_say":{"best":[{"id":1,"probability":0.5}]}}"#, "layer"),
    (#"{"layer":1,"would_say":{"best":[]}}"#, "would_say.best"),
    (#"{"layer":1,"would_say":{"best":[{"id":1,"probability":1.5}]}}"#, "probability"),
    (#"{"layer":1,"would_say":{"best":[{"id":1,"probability":0.5}],"kl":-1}}"#, "would_say.kl"),
    (#"{"layer":1,"looks_at":{"heads":{"text":[1,1],"video":[0]}}}"#, "looks_at.heads"),
    (#"{"layer":1,"looks_at":{"mean":{"text":7}}}"#, "looks_at.mean.text"),
    (#"{"layer":1,"looks_at":{}}"#, "looks_at.mean"),
  ])
  func `a value that cannot be is refused by name`(_ layer: String, _ key: String) throws {
    #expect {
      _ = try Self.read(#"{"event":"lens","layers":[\#(layer)]}"#)
    } throws: { "\($0)".contains(key) }
  }

  @Test func `a recorder may leave out all that is not needed`() throws {
    let events = try Self.read(
      #"{"event":"lens","layers":[{"layer":2,"looks_at":{"heads":{"text":[1,0.5],"audio":[0,0.5]}}}]}"#
    )
    guard case .lens(let update) = events.first?.event else {
      Issue.record("no lens was read")
      return
    }
    let attention = try #require(update.records.first?.attention)
    #expect(attention.mean == ModalityShares(text: 0.75, video: 0, audio: 0.25))
    #expect(attention.most == ModalityShares(text: 1, video: 0, audio: 0.5))
  }
}
