import Foundation
import Selection
import TestSupport
import Testing

@testable import Evaluations

/// Questions that two points or files answer differently.
@Suite struct `Flipped answers` {
  private let base = SelectionSettings(defaultsForLayers: 12)

  private func point(_ method: SelectionMethod, _ retention: Double) -> SweepPoint {
    var settings = base
    settings.method = method
    settings.budget = RetentionBudget(nominalPercent: retention)
    return method == .full
      ? .full(base) : SweepPoint(label: method.rawValue, retention: retention, settings: settings)
  }

  private func result(
    _ question: String, _ point: SweepPoint, _ answer: String, _ isRight: Bool?, kl: Double = 0.5
  ) -> SweepResult {
    SweepResult(
      question: question, kind: "colour", windows: 4, point: point.key, answer: answer,
      isRight: isRight, isSameAsFull: false, divergence: kl, topLogits: [], referenceFlops: 1,
      fullReferenceFlops: 1, executedFlops: 1, prefillMs: 1, selectionMs: 1, retentionReached: 1)
  }

  private func file(_ results: [SweepResult], _ path: String = "r.jsonl") throws -> ScoredFile {
    let header =
      #"{"format":"seats-top/sweep/1","model":"m","set":"clips","fingerprint":"f","questions":9}"#
    let lines = try results.reduce(Data((header + "\n").utf8)) { try $0 + SweepLine.encode($1) }
    return try ScoredFile(lines, path: path)
  }

  private var results: [SweepResult] {
    let (full, seats, random) = (point(.full, 100), point(.seats, 10), point(.random, 10))
    return [
      result("a", full, "red", true, kl: 0), result("b", full, "two", false, kl: 0),
      result("c", full, "Left ", true, kl: 0), result("d", full, "x", nil, kl: 0),
      result("a", seats, "blue", false, kl: 1.5), result("b", seats, "one", true),
      result("c", seats, "left", true), result("d", seats, "y", nil),
      result("a", random, "red", true), result("b", random, "three", false),
    ]
  }

  @Test func `every point is compared with full tokens, in the order of the changes`() throws {
    let flips = try AnswerFlips(try file(results))
    #expect(flips.pairs.map { $0.second?.method } == ["seats", "random"])
    let seats = flips.pairs[0]
    #expect(seats.questions == 4)
    #expect(seats.flips.map(\.question) == ["a", "b", "d"])
    #expect(seats.flips.map(\.change) == [.rightToWrong, .wrongToRight, .otherWords])
    #expect(seats.flips[0].kind == "colour" && seats.flips[0].windows == 4)
    #expect(seats.flips[0].second.divergence == 1.5)
    #expect(flips.pairs[1].flips.map(\.question) == ["b"], "both are wrong, in other words")
  }

  @Test func `a baseline method is compared at the same retention`() throws {
    let flips = try AnswerFlips(try file(results), baseline: "random")
    let pair = try #require(flips.pairs.first { $0.second?.method == "seats" })
    #expect(pair.first?.method == "random" && pair.count(.rightToWrong) == 1)
    #expect(
      throws: ResultsComparisonError.noBaseline(
        file: "r.jsonl", method: "omnizip", there: ["full", "seats", "random"])
    ) { try AnswerFlips(try file(results), baseline: "omnizip") }
  }

  @Test func `two sweeps are paired point by point`() throws {
    let later = results.map { one in
      one.question == "a" ? result("a", point(.seats, 10), "red", true) : one
    }.filter { $0.point.method == "seats" }
    let flips = try AnswerFlips(try file(results), try file(later, "s.jsonl"))
    #expect(flips.pairs.count == 1)
    #expect(flips.pairs[0].flips.map(\.question) == ["a"])
    #expect(flips.pairs[0].flips[0].change == .wrongToRight)
  }

  @Test func `lmms-eval samples are paired by document, and one file alone is refused`() throws {
    let folder = Fixtures.directory.appending(path: "evaluation")
    let old = try ScoredFile(
      folder.appending(path: "20260101_120000_samples_videomme-v0.4.jsonl").path)
    let new = try ScoredFile(folder.appending(path: "20261120_120000_samples_videomme.jsonl").path)
    let paired = try #require(try ResultsComparison(old, new).rows[0].paired)
    let pair = try AnswerFlips(old, new).pairs[0]
    #expect(pair.count(.rightToWrong) == paired.lost && pair.count(.wrongToRight) == paired.gained)
    #expect(pair.flips.allSatisfy { $0.question.hasPrefix("doc_id ") && !$0.second.text.isEmpty })
    #expect(throws: ResultsComparisonError.oneGroup(file: new.path)) { try AnswerFlips(new) }
  }

  @Test func `flips of clips and of the benchmark name what opens them`() throws {
    let folder = FileManager.default.temporaryDirectory
      .appending(path: "seats-top-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let path = folder.appending(path: "r.jsonl").path
    func write(_ set: String, _ question: String) throws {
      let header =
        #"{"format":"seats-top/sweep/1","model":"m","set":"\#(set)","fingerprint":"f","questions":9}"#
      let lines = [point(.full, 100), point(.seats, 10)].map { point in
        result(question, point, point.label, point.label == "full")
      }
      try lines.reduce(Data((header + "\n").utf8)) { try $0 + SweepLine.encode($1) }
        .write(to: URL(filePath: path))
    }
    try write("clips", "/films/a.mp4")
    var list = try FlipList(path, nil, known: [])
    #expect(list.entries.map(\.question?.place) == [.clip("/films/a.mp4")])
    #expect(list.entries[0].question?.asked == nil)
    let benchmark = Fixtures.directory.deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: "samples/benchmark.jsonl").path
    let known = try #require(try PlacedQuestions(benchmark).questions.first)
    try write("benchmark.jsonl", known.name)
    list = try FlipList(path, nil, known: [benchmark])
    #expect(list.entries.map(\.question) == [known])
    #expect(list.questionFile == benchmark)
    #expect(try FlipList(path, nil, known: []).entries.map(\.question) == [nil])
    let tasks =
      #"{"id": "q1", "media": "a.mp4", "question": "Who?", "choices": ["x", "y"], "answer": "y"}"#
    try Data(tasks.utf8).write(to: folder.appending(path: "mine.jsonl"))
    try write("mine", "q1")
    let found = try #require(try FlipList(path, nil, known: []).entries[0].question)
    #expect(found.place == .clip(folder.appending(path: "a.mp4").path))
    #expect(
      found.asked?.text(suffix: nil)
        == (try TaskFile(folder.appending(path: "mine.jsonl").path).tasks[0].text(
          instruction: "Answer with the option's letter from the given choices directly.")))
  }

  @Test func `the identity of settings gives the settings again`() throws {
    for method in SelectionMethod.allCases {
      for retention in [5.0, 15, 35] {
        var settings = point(method, retention).settings
        settings.lateLayer = retention == 5 ? nil : settings.lateLayer
        settings.seed = retention == 35 ? 7 : 0
        for parameter in method.parameters where !parameter.name.contains("layer") {
          if let standard = parameter.standard,
            SelectionMethod.declaredParameters.contains(parameter)
          {
            settings[parameter] = min(parameter.range.upperBound, standard + 1)
          }
        }
        let other = SelectionSettings(defaultsForLayers: 28)
        let read = try #require(SelectionSettings(identity: settings.identity, base: other))
        #expect(read.identity == settings.identity)
      }
    }
    for text in [
      "", "method=new video=0.1", "video=0.1", "method=seats video=2", "3f2a", "method=seats odd=1",
    ] {
      #expect(SelectionSettings(identity: text, base: base) == nil, "\(text)")
    }
  }
}
