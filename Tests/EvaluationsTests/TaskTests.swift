// swift-format-ignore-file: AlwaysUseLowerCamelCase

import Foundation
import OmniModel
import TestSupport
import Testing

@testable import Evaluations
@testable import Runs

/// Questions about media files, and how answers to them are judged.
@Suite struct `A task file` {
  private func file(_ text: String) throws -> String {
    let url = FileManager.default.temporaryDirectory
      .appending(path: "seats-top-\(UUID().uuidString).jsonl")
    try text.write(to: url, atomically: true, encoding: .utf8)
    return url.path
  }

  @Test(arguments: [
    ("B", "B"), ("(C) a dog", "C"), ("The answer is C.", "C"), ("The best answer is: D", "D"),
    ("Best option: B", "B"), ("I think it is B, not A", "A"), ("Blue", "B"),
    ("The correct option is A", "A"), ("b", nil), ("E", nil), ("", nil), ("none of them", nil),
  ])
  func `a task file gives the answer letters of lmms-eval`(_ answer: String, _ letter: String?) {
    #expect(ChoiceLetter.found(in: answer, of: 4).map(String.init) == letter)
  }

  @Test func `a task file's media are in its folder, right choices are letters`() throws {
    let path = try file(
      """
      {"id": 7, "media": "a.mp4", "question": "Who?", "choices": ["he", "she"], "answer": "she"}

      {"id": "x", "media": "/b.mp4", "question": "What?", "answer": "a Dog", "kind": "open"}
      {"id": "y", "media": "a.mp4", "question": "When?", "choices": ["now", "then"], "answer": "A"}
      """)
    let tasks = try TaskFile(path).tasks
    let folder = URL(filePath: path).deletingLastPathComponent()
    #expect(tasks.map(\.id) == ["7", "x", "y"])
    #expect(tasks.map(\.answer) == ["B", "a Dog", "A"])
    #expect(tasks[0].media == folder.appending(path: "a.mp4").path && tasks[1].media == "/b.mp4")
    #expect(tasks.map(\.kind) == ["task", "open", "task"])
    #expect(tasks[0].text(instruction: "Letter!") == "Who?\nA. he\nB. she\nLetter!")
    #expect(tasks[1].text(instruction: "Letter!") == "What?")
    #expect(
      tasks[0].isRight("The answer is B") && !tasks[0].isRight("he") && !tasks[0].isRight("she"))
    #expect(tasks[1].isRight(" a dog ") && !tasks[1].isRight("a dog's"))
  }

  @Test(arguments: [
    ("", 1, "no tasks"), ("nonsense", 1, "not a JSON object"),
    (#"{"id": 1, "media": "a"}"#, 1, "question is missing"),
    (
      #"{"id": 1, "media": 2, "question": "q"}"#, 1,
      "media has the wrong type"
    ),
    (
      #"{"id": 1, "media": "a", "question": "q"}"# + "\n\n"
        + #"{"id": "1", "media": "a", "question": "r"}"#, 3, "duplicate id 1"
    ),
    (
      #"{"id": 1, "media": "a", "question": "q", "choices": ["x", "y"], "answer": "C"}"#, 1,
      "answer C is not among the choices"
    ),
  ])
  func `an invalid task file is refused with the line`(
    _ text: String, _ line: Int, _ reason: String
  ) throws {
    let path = try file(text)
    #expect(throws: EvaluationError.badTask(file: path, line: line, reason: reason)) {
      _ = try TaskFile(path)
    }
  }

  @Test func `a task run writes samples in the format of lmms-eval`() throws {
    let golden = Fixtures.golden.appending(path: "qwen2_5_av")
    let clip = golden.appending(path: "clip").path
    let path = try file(
      """
      {"id": "a", "media": "\(clip)", "question": "Which?", "choices": ["x", "y"], "answer": "B"}
      {"id": "b", "media": "\(clip)", "question": "What?"}
      """)
    let file = try TaskFile(path)
    let thinker = try Thinker(directory: golden.appending(path: "checkpoint").path)
    let set = try EvaluationSet(tasks: file, for: thinker)
    #expect(set.clips.count == 1 && set.questionCount == 2)
    var options = SelectionOptions()
    options.retention = 10
    let seats = SweepPoint(label: "seats", retention: 10, settings: options.settings(for: thinker))
    let sweep = MethodSweep(Evaluation(thinker, set, longestAnswer: 3), [seats])
    let results = try sweep.run(threads: 1)
    let date = try #require(ISO8601DateFormatter().date(from: "2026-11-27T01:02:03Z"))
    let samples = try LMMSEvalWriter(file).contents(results, date: date)
    let stamp = samples[0].name.prefix(15)
    #expect(stamp.hasPrefix("2026112") && stamp.hasSuffix("0203"), "the hour is the machine's")
    #expect(
      samples.map(\.name)
        == ["", "_seats-10"].map { "\(stamp)\($0)_samples_\(file.name).jsonl" })

    struct Sample: Decodable, Equatable {
      let doc_id: Int
      let target, input, doc_hash: String
      let resps: [String]?
      let filtered_resps: [String]
      let token_counts: [[String: Int]]
      let exact_match: Double?
    }
    let lines = samples[1].data.split(separator: UInt8(ascii: "\n"))
    let read = try lines.map { try JSONDecoder().decode(Sample.self, from: $0) }
    let answers = results.filter { $0.point.method == "seats" }
    #expect(read.map(\.doc_id) == [0, 1])
    #expect(read[0].input == "Which?\nA. x\nB. y\n\(InputPreset.choiceInstruction)")
    #expect(read[0].target == "B" && read[1].target == "")
    #expect(read[0].exact_match == (answers[0].isRight == true ? 1 : 0))
    #expect(read[1].exact_match == nil && read[1].filtered_resps == [answers[1].answer])
    // The answer as it came is there only where it is not what was judged.
    #expect(read[1].resps == nil)
    let answer = [answers[0].answer]
    #expect(read[0].resps == (read[0].filtered_resps == answer ? nil : answer))
    for (sample, answer) in zip(read, answers) {
      let counts = [
        "input_tokens": answer.promptTokens ?? 0, "output_tokens": answer.answerTokens ?? 0,
      ]
      #expect(sample.token_counts == [counts] && counts.values.allSatisfy { $0 > 0 })
      #expect(sample.doc_hash.count == 64 && sample.doc_hash == answer.document?.hash)
    }
    for line in lines {
      let text = String(decoding: line, as: UTF8.self)
      #expect(!text.contains("\"doc\"") && !text.contains("arguments") && !text.contains(clip))
    }
  }
}
