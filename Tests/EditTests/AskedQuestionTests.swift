import Foundation
import Media
import OmniModel
import Selection
import Sessions
import TestSupport
import Testing

@testable import Runs

/// A question asked about an open clip gives exactly what a fresh run with it gives.
@Suite struct `Questions asked about an open clip` {
  private static let question = "Which colour is it?"

  private func ended(_ run: ProfiledRun) throws -> ProfiledRun {
    var run = run
    while try run.advance(Cancellation()) != nil {}
    while !run.isAnswered { _ = try run.decode() }
    return run
  }

  private func asked(_ opened: OpenedRun, _ request: RunRequest, _ question: AskedQuestion) throws
    -> ProfiledRun
  {
    let before = try ended(ProfiledRun(opened, request))
    let again = try OpenedRun(opened, asking: question)
    return try ended(
      ProfiledRun(again, request, settings: before.settings, media: before.encodedMedia))
  }

  @Test(arguments: ["qwen2_5_av", "qwen3_av", "1-two-parts"], [nil, "Answer briefly."])
  func `an asked question equals a fresh run with --question`(
    _ name: String, _ suffix: String?
  ) async throws {
    var request = EditScene(name: name, compute: .f32).request()
    request.input.asked.suffix = suffix
    let opened = try await OpenedRun(request)
    var question = opened.subject.clip.asked
    (question.question, question.answer) = (Self.question, nil)
    let run = try asked(opened, request, question)
    request.question = Self.question
    let fresh = try await OpenedRun(request)
    #expect(run.opened.subject == fresh.subject)
    let bits = try RunBits(try ended(ProfiledRun(fresh, request)))
    // The encoders' work is that of the earlier run.
    #expect(run.records[0].executedFlops == 0)
    #expect(try RunBits(run).difference(from: bits)?.contains("encoders") != false)
    #expect(run.logits == (try ended(ProfiledRun(fresh, request))).logits)
    #expect(run.answer?.tokenIDs == (try ended(ProfiledRun(fresh, request))).answer?.tokenIDs)
  }

  @Test func `the choices and the suffix of a question are separated from it again`() {
    for (question, choices, suffix) in [
      ("Why?", ["one", "two"], "Briefly."), ("Why?", [], nil), ("", ["one"], nil),
      ("", [], "Briefly."), ("Is it one or two?", ["one", "two"], "Briefly."), ("A. x\nB?", [], ""),
    ] as [(String, [String], String?)] {
      let asked = AskedQuestion(question, choices: choices, answer: "one")
      let text = asked.text(suffix: suffix)
      #expect(AskedQuestion(text: text, choices: choices, answer: "one", suffix: suffix) == asked)
    }
  }

  @Test func `the right answer of a clip is not that of another question`() async throws {
    var request = EditScene(name: "1-two-parts", compute: .f32).request()
    let own = try await OpenedRun(request).subject.clip
    #expect(own.answer != nil)
    request.question = own.asked.question
    #expect(try await OpenedRun(request).subject.clip.answer == own.answer)
    request.question = Self.question
    #expect(try await OpenedRun(request).subject.clip.answer == nil)
  }

  @Test func `a question replaces the text of a conversation where it is`() async throws {
    let file = FileManager.default.temporaryDirectory
      .appending(path: "seats-top-\(UUID().uuidString).json")
    defer { try? FileManager.default.removeItem(at: file) }
    let clip = EditScene(name: "1-two-parts", compute: .f32).request().clip
    func messages(_ question: String) throws -> String {
      let json = """
        [{"role": "user", "content": [{"type": "text", "text": "\(question)"},
          {"type": "video", "video": "\(clip)"}]}]
        """
      try Data(json.utf8).write(to: file)
      return file.path
    }
    var request = EditScene(name: "1-two-parts", compute: .f32).request()
    request.messages = try messages("What is it?")
    request.clip = try #require(request.messages)
    let run = try asked(
      try await OpenedRun(request), request, AskedQuestion(Self.question))
    request.messages = try messages(Self.question)
    let fresh = try await OpenedRun(request)
    #expect(run.opened.prompt.ids == fresh.prompt.ids)
    #expect(run.logits == (try ended(ProfiledRun(fresh, request))).logits)
  }
}
