import Foundation
import Media
import Selection
import SessionSupport
import Synchronization
import TestSupport
import Testing

@testable import Runs
@testable import Sessions
@testable import Traces

/// The live session as the screen sees it: commands in, events out.
@Suite struct `A session` {
  func start(clip: String = "clip") -> (Session, SessionListener) {
    let golden = Fixtures.golden.appending(path: "qwen2_5_av")
    let listener = SessionListener()
    let session = Session(
      RunRequest(
        model: golden.appending(path: "checkpoint").path,
        clip: golden.appending(path: clip).path, maxNewTokens: 5, ignoresEnd: true),
      onEvent: { listener.append($0) })
    session.start()
    return (session, listener)
  }

  @Test func `a session opens paused before layer 1`() async throws {
    let (session, listener) = start()
    _ = try await listener.next { $0 == .activity(.idle) }
    #expect(listener.steps == [.encoders, .stage1])
    session.close()
  }

  @Test func `new input settings reload the clip and run to the same step`()
    async throws
  {
    let (session, listener) = start()
    _ = try await listener.next { $0 == .activity(.idle) }
    session.send(.run)
    var seen = try await listener.next {
      if case .answered(let answer) = $0 { answer.isComplete } else { false }
    }
    func subject(after start: Int) async throws -> (RunSubject, Int) {
      let at = try await listener.next(after: start) {
        if case .opened = $0 { true } else { false }
      }
      guard case .opened(let subject, _, _) = listener.all[at] else { throw Deadline() }
      return (subject, at)
    }
    func encoders(after start: Int) async throws -> StepRecord {
      let at = try await listener.next(after: start) {
        if case .advanced(let record) = $0 { record.step == .encoders } else { false }
      }
      guard case .advanced(let record) = listener.all[at] else { throw Deadline() }
      return record
    }
    // Other text: the encoders' work is kept.
    var settings = InputSettings()
    settings.system = "Be brief."
    session.send(.prepare(settings))
    var (opened, at) = try await subject(after: seen + 1)
    #expect(opened.clip.input.system == "Be brief.")
    #expect(try await encoders(after: at).executedFlops ?? -1 == 0)
    seen = try await listener.next(after: at) {
      if case .answered(let answer) = $0 { answer.isComplete } else { false }
    }
    // Less of the clip: what is left of it is not encoded again.
    settings.noAudio = true
    session.send(.prepare(settings))
    (opened, at) = try await subject(after: seen + 1)
    #expect(opened.prompt.counts.audio == 0)
    var record = try await encoders(after: at)
    #expect(record.executedFlops == 0 && record.visionSource == .cached)
    seen = try await listener.next(after: at) {
      if case .answered(let answer) = $0 { answer.isComplete } else { false }
    }
    // Other pixels are.
    settings.maxPixels = 28 * 28 * 4
    session.send(.prepare(settings))
    (_, at) = try await subject(after: seen + 1)
    record = try await encoders(after: at)
    #expect(record.executedFlops ?? -1 > 0 && record.visionSource == .computed)
    seen = try await listener.next(after: at) {
      if case .answered(let answer) = $0 { answer.isComplete } else { false }
    }
    // What cannot be read so leaves the run as it is.
    settings.frames = 100
    session.send(.prepare(settings))
    _ = try await listener.next(after: seen + 1) { if case .failed = $0 { true } else { false } }
    session.send(.restart)
    _ = try await listener.next(after: seen + 1) { $0 == .rewound(steps: 1) }
    session.close()
  }

  @Test func `a session runs to the next drop, the late removal and the answer`() async throws {
    let (session, listener) = start()
    var seen = try await listener.next { $0 == .activity(.idle) }
    session.send(.runToNextDrop)
    seen = try await listener.next(after: seen + 1) { $0 == .activity(.idle) }
    #expect(listener.steps.last == .layer(5))
    session.send(.runToRemoval)
    seen = try await listener.next(after: seen + 1) { $0 == .activity(.idle) }
    #expect(listener.steps.last == .layer(8))
    session.send(.run)
    _ = try await listener.next(after: seen + 1) {
      if case .answered(let answer) = $0 { answer.isComplete } else { false }
    }
    #expect(listener.steps.last == .head)
    session.close()
  }

  @Test func `a budget change after the answer runs to the answer again`() async throws {
    let (session, listener) = start()
    session.send(.run)
    let isComplete: (SessionEvent) -> Bool = {
      if case .answered(let answer) = $0 { answer.isComplete } else { false }
    }
    let first = try await listener.next(isComplete)
    session.send(try listener.configuring { $0.budget.video = 0.3 })
    let planned = try await listener.next(after: first + 1) {
      if case .planned(_, _, let kept) = $0 { kept == 1 } else { false }
    }
    _ = try await listener.next(after: planned, isComplete)
    #expect(listener.steps.count { $0 == .encoders } == 1, "encoders never run again")
    #expect(listener.steps.count { $0 == .head } == 2)
    session.close()
  }

  @Test func `a cancelled run can be resumed`() async throws {
    let (session, listener) = start()
    session.send(.run)
    _ = try await listener.next { if case .advanced = $0 { true } else { false } }
    session.cancel()
    let halted = try await listener.next { $0 == .activity(.idle) }
    session.send(.run)
    _ = try await listener.next(after: halted) {
      if case .answered(let answer) = $0 { answer.isComplete } else { false }
    }
    session.close()
  }

  @Test func `the full-token run is computed once and keeps the current run`() async throws {
    let (session, listener) = start()
    let isFull: (SessionEvent) -> Bool = { if case .fullRun = $0 { true } else { false } }
    session.send(.runFull)
    let first = try await listener.next(isFull)
    session.send(.runFull)
    let second = try await listener.next(after: first + 1, isFull)
    #expect(listener.all[first] == listener.all[second])
    session.close()
  }

  @Test func `session events carry errors until a message is made of them`() {
    let events: [SessionEvent] = [
      .failed(.error(ReplayError.noFullRun)), .warned(.error(ReplayError.noRepeats)),
      .logged(.error(ReplayError.complete(lines: 3))), .logged("words"), .settled,
    ]
    let worded = events.map { $0.worded { "<\($0)>" } }
    #expect(
      worded == [
        .failed("<noFullRun>"), .warned("<noRepeats>"), .logged("<complete(lines: 3)>"),
        .logged("words"), .settled,
      ])
    #expect(events[0] != .failed(.error(ReplayError.noRepeats)) && events[0] != worded[0])
    #expect(SessionMessage.error(ReplayError.noFullRun).text == "noFullRun")
  }

  @Test func `an unreadable clip fails with one message`() async throws {
    let (session, listener) = start(clip: "no such clip")
    _ = try await listener.next {
      guard case .failed(.error(let error)) = $0 else { return false }
      return "\(error)".hasPrefix("notFound") && error is MediaError
    }
    session.close()
  }
}
