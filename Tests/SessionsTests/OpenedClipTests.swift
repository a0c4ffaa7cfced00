import Evaluations
import Foundation
import Media
import Selection
import SessionSupport
import TestSupport
import Testing

@testable import Runs
@testable import Sessions

/// Other questions and other clips in a session that is open.
@Suite struct `Questions and clips opened in a session` {
  private static let samples = Fixtures.directory.deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "samples")

  fileprivate func start(_ question: String? = nil) -> (Session, SessionListener) {
    let listener = SessionListener()
    let session = Session(
      RunRequest(
        model: Self.samples.appending(path: "model").path,
        clip: Self.samples.appending(path: "clips/1-two-parts").path, question: question,
        maxNewTokens: 4), onEvent: { listener.append($0) })
    session.start()
    return (session, listener)
  }

  fileprivate func answer(_ listener: SessionListener, after start: Int) async throws -> (
    Int, AnswerRecord
  ) {
    let at = try await listener.next(after: start) {
      if case .answered(let answer) = $0 { answer.isComplete } else { false }
    }
    guard case .answered(let answer) = listener.all[at] else { throw Deadline() }
    return (at, answer)
  }

  fileprivate func opened(_ listener: SessionListener, after start: Int) async throws -> (
    Int, RunSubject
  ) {
    let at = try await listener.next(after: start) {
      if case .opened = $0 { true } else { false }
    }
    guard case .opened(let subject, _, _) = listener.all[at] else { throw Deadline() }
    return (at, subject)
  }

  @Test func `a question runs to the former step with the encoder outputs of the one before`()
    async throws
  {
    let question = "What colour is the shape shown with the low sound?"
    let (session, listener) = start()
    _ = try await listener.next { $0 == .activity(.idle) }
    session.send(.run)
    let (first, _) = try await answer(listener, after: 0)
    session.send(.ask(AskedQuestion(question)))
    let (at, subject) = try await opened(listener, after: first + 1)
    #expect(subject.clip.question == question && subject.clip.answer == nil)
    let (_, asked) = try await answer(listener, after: at)
    let encoders = try await listener.next(after: at) {
      if case .advanced(let record) = $0 { record.step == .encoders } else { false }
    }
    guard case .advanced(let record) = listener.all[encoders] else { throw Deadline() }
    #expect(record.executedFlops == 0 && record.visionSource == .cached)
    session.close()
    let (fresh, other) = start(question)
    _ = try await other.next { $0 == .activity(.idle) }
    fresh.send(.run)
    let (_, same) = try await answer(other, after: 0)
    #expect(asked.tokenIDs == same.tokenIDs && asked.topLogits == same.topLogits)
    fresh.close()
  }

  @Test func `another clip keeps the model and the plan, and a missing one leaves the run`()
    async throws
  {
    let (session, listener) = start()
    let idle = try await listener.next { $0 == .activity(.idle) }
    session.send(.open(RunTarget(.clip("/nonexistent/film.mp4"))))
    let failed = try await listener.next(after: idle + 1) {
      if case .failed = $0 { true } else { false }
    }
    session.send(.run)
    let (end, _) = try await answer(listener, after: failed)
    var target = RunTarget(.clip(Self.samples.appending(path: "clips/9-pruning-flips").path))
    target.runsToAnswer = true
    var settings = SelectionSettings(defaultsForLayers: 12)
    settings.budget = RetentionBudget(nominalPercent: 40)
    target.settings = settings
    session.send(.open(target))
    let at = try await listener.next(after: end + 1) {
      if case .opened = $0 { true } else { false }
    }
    guard case .opened(let subject, settings: let used, _) = listener.all[at] else {
      throw Deadline()
    }
    #expect(subject.clip.source.hasSuffix("9-pruning-flips") && used == settings)
    // The checkpoint was read once.
    #expect(listener.all.count { $0 == .loading("reading the checkpoint") } == 1)
    _ = try await answer(listener, after: at)
    session.close()
  }

  @Test func `a scene of a benchmark is opened as the sweep renders it`() async throws {
    let file = Self.samples.appending(path: "benchmark.jsonl").path
    let known = try PlacedQuestions(file).questions[0]
    let (session, listener) = start()
    let idle = try await listener.next { $0 == .activity(.idle) }
    var target = RunTarget(known.place, asked: known.asked)
    target.runsToAnswer = true
    session.send(.open(target))
    let (at, subject) = try await opened(listener, after: idle + 1)
    #expect(subject.clip.question == known.asked?.question)
    #expect(subject.clip.answer == known.asked?.answer)
    let (done, _) = try await answer(listener, after: at)
    // New input settings render the scene again.
    var input = InputSettings()
    input.noAudio = true
    session.send(.prepare(input))
    let (_, silent) = try await opened(listener, after: done + 1)
    #expect(silent.prompt.counts.audio == 0 && silent.clip.question == known.asked?.question)
    session.send(.open(RunTarget(.scene(file: file, clip: "none"))))
    _ = try await listener.next(after: done + 1) { if case .failed = $0 { true } else { false } }
    session.close()
  }
}

extension `Questions and clips opened in a session` {
  @Test func `a question asked on the way to the answer is answered`() async throws {
    let (session, listener) = start()
    let idle = try await listener.next { $0 == .activity(.idle) }
    session.send(.run)
    session.send(.ask(AskedQuestion("Which colour?")))
    session.send(.ask(AskedQuestion("What colour is it?")))
    let (at, _) = try await opened(listener, after: idle)
    let (second, subject) = try await opened(listener, after: at + 1)
    #expect(subject.clip.question == "What colour is it?")
    _ = try await answer(listener, after: second)
    session.close()
  }
}
