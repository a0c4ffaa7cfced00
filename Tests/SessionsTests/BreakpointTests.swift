import Basics
import Selection
import SessionSupport
import TestSupport
import Testing

@testable import Runs
@testable import Sessions

@Suite struct `A breakpoint` {
  private let whole = ModalityCounts(text: 10, video: 60, audio: 30)

  private func record(
    _ step: PrefillStep, _ entering: (Int, Int), _ leaving: (Int, Int)
  ) -> StepRecord {
    StepRecord(
      step: step, entering: ModalityCounts(text: 10, video: entering.0, audio: entering.1),
      leaving: ModalityCounts(text: 10, video: leaving.0, audio: leaving.1), milliseconds: 1,
      selectionMilliseconds: 0, keyValueBytes: 0, referenceFlops: 0, executedFlops: 0, drop: nil)
  }

  private func stops(_ point: Breakpoint, _ record: StepRecord, next: PrefillStep?) -> Bool {
    point.stops(entering: record.entering, leaving: record.leaving, before: next, whole: whole)
  }

  @Test func `a layer breakpoint pauses before that layer only`() {
    let record = record(.layer(3), (60, 30), (60, 30))
    #expect(stops(.before(.layer(4)), record, next: .layer(4)))
    #expect(!stops(.before(.layer(4)), record, next: .layer(5)))
    #expect(!stops(.before(.layer(4)), record, next: nil))
  }

  @Test func `the drops breakpoint pauses after every drop`() {
    #expect(stops(.drops, record(.layer(3), (60, 30), (59, 30)), next: .layer(4)))
    #expect(!stops(.drops, record(.layer(3), (60, 30), (60, 30)), next: .layer(4)))
  }

  @Test func `a condition breakpoint pauses once, when it becomes true`() {
    let (before, crossing, after) = (
      record(.layer(1), (60, 30), (60, 20)), record(.layer(2), (60, 20), (30, 19)),
      record(.layer(3), (30, 19), (30, 5))
    )
    for (point, crosses) in [
      (Breakpoint.tokens(.audio, below: 20), crossing), (.tokens(.video, below: 31), crossing),
      (.tokens(nil, below: 90), crossing), (.kept(below: 0.6), crossing),
      (.kept(below: 0.905), before), (.tokens(.audio, below: 6), after),
    ] {
      for record in [before, crossing, after] {
        #expect(stops(point, record, next: .head) == (record == crosses), "\(point) \(record.step)")
      }
    }
  }

  @Test(arguments: [
    ("layer 9", Breakpoint.before(.layer(9))), ("9", .before(.layer(9))), ("head", .before(.head)),
    ("Stage I", .before(.stage1)), (" drops ", .drops), ("audio < 40", .tokens(.audio, below: 40)),
    ("VIDEO<7", .tokens(.video, below: 7)), ("tokens < 200", .tokens(nil, below: 200)),
    ("kept < 30 %", .kept(below: 0.3)), ("kept<2.5%", .kept(below: 0.025)),
  ])
  func `the description of a breakpoint parses to the same breakpoint`(
    text: String, point: Breakpoint
  ) {
    #expect(Breakpoint(text) == point)
    #expect(Breakpoint(point.description) == point)
  }

  @Test(arguments: [
    "", "layer", "layer 0", "-3", "audio", "audio < ", "audio < -1", "audio > 4", "smell < 4",
    "kept < 30", "kept < 300 %", "a < b < c", "9 9", "layer 99999999999999999999",
  ])
  func `an invalid breakpoint text parses to nil`(text: String) {
    #expect(Breakpoint(text) == nil)
  }
}

extension `A session` {
  private func opened(_ commands: SessionCommand...) async throws -> (Session, SessionListener, Int)
  {
    let (session, listener) = start()
    let idle = try await listener.next { $0 == .activity(.idle) }
    for command in commands { session.send(command) }
    return (session, listener, idle)
  }

  @Test func `a run pauses at a breakpoint, names it, and resumes`() async throws {
    let points: [Breakpoint] = [.before(.layer(4)), .drops, .kept(below: 0)]
    var (session, listener, seen) = try await opened(.setBreakpoints(points), .run)
    for (point, last) in [
      (points[0], PrefillStep.layer(3)), (.drops, .layer(5)), (.drops, .layer(6)),
    ] {
      seen = try await listener.next(after: seen + 1) { $0 == .paused(at: point) }
      #expect(listener.steps.last == last)
      seen = try await listener.next(after: seen + 1) { $0 == .activity(.idle) }
      session.send(.run)
    }
    session.close()
  }

  @Test func `single steps and plan changes ignore breakpoints`() async throws {
    var (session, listener, seen) = try await opened(
      .setBreakpoints([.drops]), .advance, .advance, .advance, .advance, .advance)
    seen = try await listener.next(after: seen + 1) {
      if case .advanced(let record) = $0 { record.step == .layer(5) } else { false }
    }
    seen = try await listener.next(after: seen + 1) { $0 == .activity(.idle) }
    session.send(try listener.configuring { $0.budget.video = 0.4 })
    seen = try await listener.next(after: seen + 1) {
      if case .advanced(let record) = $0 { record.step == .layer(5) } else { false }
    }
    let isPaused = listener.all.contains { if case .paused = $0 { true } else { false } }
    #expect(!isPaused)
    session.close()
  }

  @Test func `a run with step delay handles commands while it waits`() async throws {
    var (session, listener, seen) = try await opened(.pace(.seconds(3600)), .run)
    seen = try await listener.next(after: seen + 1) {
      if case .advanced(let record) = $0 { record.step == .layer(1) } else { false }
    }
    session.send(.pace(.zero))
    _ = try await listener.next(after: seen + 1) {
      if case .answered(let answer) = $0 { answer.isComplete } else { false }
    }
    session.close()
  }

  @Test func `cancelling a run ends the step delay and keeps queued settings`()
    async throws
  {
    var (session, listener, seen) = try await opened(.pace(.seconds(3600)), .run)
    seen = try await listener.next(after: seen + 1) {
      if case .advanced(let record) = $0 { record.step == .layer(1) } else { false }
    }
    session.send(.setBreakpoints([.before(.layer(3))]))
    session.cancel()
    seen = try await listener.next(after: seen + 1) { $0 == .activity(.idle) }
    #expect(listener.steps.last == .layer(1))
    session.send(.pace(.zero))
    session.send(.run)
    seen = try await listener.next(after: seen + 1) { $0 == .paused(at: .before(.layer(3))) }
    session.close()
  }
}

extension `A session` {
  @Test func `repeated runs time plan and full tokens and keep the run`()
    async throws
  {
    let (session, listener) = start()
    var seen = try await listener.next { $0 == .activity(.idle) }
    session.send(.run)
    seen = try await listener.next(after: seen + 1) { $0 == .activity(.idle) }
    let steps = listener.steps
    session.send(.repeatRuns(3))
    _ = try await listener.next(after: seen + 1) { $0 == .activity(.repeating) }
    _ = try await listener.next(after: seen + 1) { $0 == .activity(.idle) }
    let records = listener.all.compactMap { event -> RepeatRecord? in
      if case .repeated(let record) = event { record } else { nil }
    }
    #expect(records.map(\.isFull) == [false, true, false, true, false, true])
    #expect(records.map(\.stepMilliseconds.count) == Array(repeating: 12, count: 6))
    #expect(records.allSatisfy { $0.prefillMilliseconds > 0 })
    #expect(listener.steps == steps)
    session.close()
  }

  @Test func `the peak FLOP/s of the machine is measured once`() async throws {
    let (session, listener) = start()
    _ = try await listener.next { $0 == .activity(.idle) }
    let isPeak: (SessionEvent) -> Bool = { if case .peak = $0 { true } else { false } }
    session.send(.measurePeak)
    let first = try await listener.next(isPeak)
    session.send(.measurePeak)
    let second = try await listener.next(after: first + 1, isPeak)
    #expect(listener.all[first] == listener.all[second])
    if case .peak(let peak) = listener.all[first] { #expect(peak.flopsPerSecond > 1e8) }
    session.close()
  }
}

@Suite struct `Spread of repeated runs` {
  @Test func `the median of repeated runs is the middle value`() throws {
    #expect(Spread([]) == nil)
    let odd = try #require(Spread([5, 1, 9]))
    #expect((odd.median, odd.least, odd.most) == (5, 1, 9))
    #expect(Spread([4, 2])?.median == 3)
  }
}
