// swift-format-ignore-file: AlwaysUseLowerCamelCase
// Keys are spelled as they stand in the fixtures.

import Foundation
import TestSupport
import Testing

@testable import Evaluations

/// Two files of answers, paired question by question.
@Suite struct `Result files with answers` {
  private static let folder = Fixtures.golden.deletingLastPathComponent()
    .appending(path: "evaluation")
  private static let old = folder.appending(path: "20260101_120000_samples_videomme-v0.4.jsonl")
    .path
  private static let new = folder.appending(path: "20261120_120000_samples_videomme.jsonl").path
  private static let many = folder.appending(path: "20261121_120000_samples_many.jsonl").path

  private struct Golden: Decodable {
    let n, clips, gained, lost: Int
    let first, second, difference, standard_error, first_error, second_error: Double
    let mcnemar_p, paired_t_p: Double
  }

  private func isClose(_ a: Double?, _ b: Double) -> Bool { a.map { abs($0 - b) < 1e-9 } ?? false }

  @Test func `comparing lmms-eval 0.4 and 0.7 samples gives scipy's statistics`() throws {
    let golden = try JSONDecoder().decode(
      Golden.self, from: Data(contentsOf: Self.folder.appending(path: "samples-paired.json")))
    let comparison = try ResultsComparison(ScoredFile(Self.old), ScoredFile(Self.new))
    let row = try #require(comparison.rows.first)
    let paired = try #require(row.paired)
    #expect(comparison.rows.count == 1 && row.rule == .documents && row.isClustered)
    #expect(paired.questions == golden.n && paired.clips == golden.clips)
    #expect(paired.gained == golden.gained && paired.lost == golden.lost)
    #expect(isClose(paired.baselineAccuracy, golden.first))
    #expect(isClose(paired.accuracy, golden.second))
    #expect(isClose(paired.difference, golden.difference))
    #expect(isClose(paired.standardError, golden.standard_error))
    #expect(isClose(paired.baselineError, golden.first_error))
    #expect(isClose(paired.accuracyError, golden.second_error))
    #expect(isClose(paired.mcNemarP, golden.mcnemar_p))
    #expect(isClose(paired.pairedTP, golden.paired_t_p))
    // The newer one lacks a document.
    #expect(row.onlyFirst == ["doc_id 3"] && row.onlySecond.isEmpty)
  }

  @Test func `samples with several metrics are compared by the first or named one`() throws {
    let file = try ScoredFile(Self.many)
    #expect(
      file.kind
        == .samples(
          model: "evaluation", task: "many", metric: "exact_match", otherMetrics: ["f1"]))
    let other = try ScoredFile(Self.many, metric: "f1")
    let paired = try ResultsComparison(file, other).rows[0].paired
    // McNemar's test knows right and wrong only.
    #expect(paired?.mcNemarP == nil && paired?.accuracy == 0.5)
    #expect(
      throws: ResultsComparisonError.noMetric(
        file: Self.many, "bleu", there: ["exact_match", "f1"])
    ) { try ScoredFile(Self.many, metric: "bleu") }
  }

  /// Lines of samples: doc_id, target, hash, answer.
  private func samples(_ lines: [(Int, String, String?, String)]) throws -> ScoredFile {
    let text = lines.map { id, target, hash, answer in
      let hash = hash.map { #", "doc_hash": "\#($0)""# } ?? ""
      return #"{"doc_id": \#(id), "target": "\#(target)", "filtered_resps": \#(answer)\#(hash)}"#
    }
    return try ScoredFile(
      Data((text.joined(separator: "\n") + "\n").utf8), path: "/m/d_samples_t.jsonl")
  }

  @Test func `lmms-eval answers may be a string, a list or a list of lists`() throws {
    let file = try samples([
      (0, "B", "a", #""B""#), (1, "B", "b", #"["b "]"#), (2, "B", "c", #"[["B"], ["A"]]"#),
      (3, "B", "d", #"[["A"]]"#), (4, "", "e", #""B""#),
    ])
    #expect(file.groups[0].answers.map(\.score) == [1, 1, 1, 0, nil])
    guard case .samples(_, _, let metric, _) = file.kind else {
      Issue.record("samples are samples")
      return
    }
    #expect(metric == LmmsEvalSamples.targetMetric)
  }

  @Test func `lmms-eval documents are paired by hash in any order`() throws {
    let one = try samples([
      (0, "A", "a", #""A""#), (1, "A", "b", #""B""#), (2, "A", "c", #""A""#),
    ])
    let other = try samples([
      (1, "A", "a", #""B""#), (0, "A", "b", #""B""#), (2, "A", "x", #""A""#),
    ])
    let row = try #require(try ResultsComparison(one, other).rows.first)
    #expect(row.rule == .documents && row.paired?.questions == 2 && row.paired?.lost == 1)
    #expect(row.onlyFirst == ["doc_id 2"] && row.onlySecond == ["doc_id 2"])
  }

  @Test func `documents without common hashes are paired by id if targets agree`() throws {
    let one = try samples([(0, "A", nil, #""A""#), (1, "B", nil, #""A""#)])
    let same = try samples([(0, "A", "x", #""B""#), (1, "B", "y", #""B""#)])
    #expect(try ResultsComparison(one, same).rows[0].rule == .targets)
    let other = try samples([(0, "A", nil, #""A""#), (1, "C", nil, #""A""#)])
    #expect(
      throws: ResultsComparisonError.otherTargets(
        first: one.path, second: other.path, count: 1, of: 2)
    ) { try ResultsComparison(one, other) }
    let elsewhere = try samples([(7, "A", nil, #""A""#)])
    #expect(
      throws: ResultsComparisonError.nothingInCommon(first: one.path, second: elsewhere.path)
    ) { try ResultsComparison(one, elsewhere) }
  }

  @Test func `repeated lmms-eval lines of one document count once`() throws {
    let file = try samples([(0, "A", "a", #""A""#), (0, "A", "a", #""B""#)])
    #expect(file.repeatedLines == 1 && file.groups[0].answers.map(\.score) == [1])
  }

  @Test(arguments: [
    (#"{"results": {}, "configs": {}}"#, 1), ("nonsense", 1), ("", 1), ("{\"a\": 1}\n", 1),
  ])
  func `a results file without answers is refused`(_ text: String, _ line: Int) {
    #expect(throws: ResultsComparisonError.neither(file: "/x", line: line)) {
      try ScoredFile(Data(text.utf8), path: "/x")
    }
  }

  @Test func `an invalid line of a results file is an error with its number`() {
    let text = #"{"doc_id": 0, "target": "A", "filtered_resps": "A"}"# + "\n\n{\"doc_id\": \n"
    #expect(throws: ResultsComparisonError.badSample(file: "/x", line: 3)) {
      try ScoredFile(Data(text.utf8), path: "/x")
    }
  }

  // MARK: Results of sweeps

  private func result(
    _ question: String, _ method: String, _ retention: Double, right: Bool?, asked: String = "q",
    media: String = "clip", settings: String = "s", document: Int? = nil
  ) -> SweepResult {
    SweepResult(
      question: question, kind: "k", windows: 1,
      point: .init(method: method, retention: retention, settings: settings), answer: "A",
      isRight: right, isSameAsFull: true, divergence: 0, topLogits: [], referenceFlops: 1,
      fullReferenceFlops: 1, executedFlops: 1, prefillMs: 1, selectionMs: 0, retentionReached: 1,
      asked: asked, media: media,
      document: document.map { EvaluationDocument(id: $0, hash: "h\($0)", target: "A") })
  }

  private func sweep(_ results: [SweepResult], path: String = "/r.jsonl") throws -> ScoredFile {
    let header =
      #"{"fingerprint":"f","format":"seats-top/sweep/1","model":"m","questions":2,"set":"s"}"#
      + "\n"
    let lines = try results.map { try SweepLine.encode($0) }
    return try ScoredFile(lines.reduce(Data(header.utf8), +), path: path)
  }

  @Test func `two sweeps are compared at every common method and budget`() throws {
    let one = try sweep([
      result("a", "full", 100, right: true), result("a", "seats", 35, right: true),
      result("a", "seats", 10, right: false), result("b", "seats", 10, right: true, asked: "b"),
    ])
    let other = try sweep([
      result("a", "full", 100, right: true), result("a", "seats", 10, right: true),
      result("c", "seats", 10, right: true, asked: "c"), result("a", "random", 10, right: true),
    ])
    let rows = try ResultsComparison(one, other).rows
    #expect(rows.map { $0.first?.method } == ["full", "seats"])
    #expect(rows[1].paired?.gained == 1 && rows[1].paired?.questions == 1)
    #expect(rows[1].onlyFirst == ["b"] && rows[1].onlySecond == ["c"])
    let filtered = try ResultsComparison(one, other, .init(methods: ["seats"], retentions: [10]))
    #expect(filtered.rows.count == 1)
    #expect(throws: ResultsComparisonError.noSuchMethod("zip", there: ["full", "random", "seats"]))
    {
      try ResultsComparison(one, other, .init(methods: ["zip"]))
    }
    #expect(throws: ResultsComparisonError.nothingLeft(file: "/r.jsonl", there: one.points)) {
      try ResultsComparison(one, other, .init(methods: ["random"]))
    }
  }

  @Test func `two result files with one method each are compared`() throws {
    let one = try sweep([
      result("a", "full", 100, right: true), result("a", "seats", 10, right: false),
    ])
    let other = try sweep([
      result("a", "full", 100, right: true), result("a", "random", 10, right: true),
    ])
    let rows = try ResultsComparison(one, other).rows
    #expect(rows.map { $0.second?.method } == ["full", "random"])
    // At each budget where both hold one.
    let seats = try sweep([
      result("a", "seats", 35, right: true), result("a", "seats", 10, right: true),
    ])
    let random = try sweep([
      result("a", "random", 35, right: true), result("a", "random", 10, right: false),
    ])
    let budgets = try ResultsComparison(seats, random).rows
    #expect(budgets.map { $0.second?.retention } == [35, 10] && budgets[1].paired?.lost == 1)
    let several = try sweep([
      result("a", "omnizip", 10, right: true), result("a", "random", 10, right: true),
    ])
    #expect(
      throws: ResultsComparisonError.noCommonPoints(
        first: [one.points[1]], second: several.points)
    ) { try ResultsComparison(one, several, .init(methods: ["seats", "omnizip", "random"])) }
  }

  @Test func `questions of one name with different text and media are not paired`() throws {
    let one = try sweep([
      result("a", "seats", 10, right: true), result("b", "seats", 10, right: true, asked: "x"),
      result("c", "seats", 10, right: nil),
    ])
    let other = try sweep([
      result("a", "seats", 10, right: true, asked: "y", media: "elsewhere"),
      result("b", "seats", 10, right: true, asked: "y"), result("c", "seats", 10, right: true),
    ])
    let row = try #require(try ResultsComparison(one, other).rows.first)
    #expect(row.onlyFirst == ["a"] && row.onlySecond == ["a"])
    #expect(row.otherWords == ["b"] && row.unscored == ["c"] && row.paired?.questions == 1)
  }

  @Test func `a renamed question is paired by its text and media`() throws {
    let one = try sweep([result("old/a", "seats", 10, right: true)])
    let other = try sweep([result("new/a", "seats", 10, right: false)])
    #expect(try ResultsComparison(one, other).rows[0].paired?.lost == 1)
  }

  @Test func `task results are paired with lmms-eval samples`() throws {
    let ours = try sweep([
      result("a", "full", 100, right: true, document: 0),
      result("a", "seats", 10, right: false, document: 0),
      result("b", "seats", 10, right: true, document: 1),
    ])
    let theirs = try samples([(0, "A", "h0", #""A""#), (1, "A", "h1", #""A""#)])
    let rows = try ResultsComparison(theirs, ours).rows
    #expect(rows.map { $0.second?.method } == ["full", "seats"])
    #expect(rows[1].rule == .documents && rows[1].paired?.lost == 1 && rows[1].isClustered)
    let undocumented = try sweep([result("a", "seats", 10, right: true)])
    #expect(throws: ResultsComparisonError.noDocuments(file: "/r.jsonl")) {
      try ResultsComparison(undocumented, theirs)
    }
  }
}

/// The points of a sweep against one of its methods.
@Suite struct `A baseline` {
  private func result(
    _ question: String, _ method: String, _ retention: Double, _ right: Bool?, media: String
  ) -> SweepResult {
    SweepResult(
      question: question, kind: "k", windows: 1,
      point: .init(method: method, retention: retention, settings: method), answer: "A",
      isRight: right, isSameAsFull: true, divergence: 0, topLogits: [], referenceFlops: 1,
      fullReferenceFlops: 1, executedFlops: 1, prefillMs: 1, selectionMs: 0, retentionReached: 1,
      asked: "q", media: media)
  }

  private var results: [SweepResult] {
    ["a", "b", "c", "d"].enumerated().flatMap { index, question in
      let media = "clip\(index / 2)+\(index)"
      return [
        result(question, "full", 100, true, media: media),
        result(question, "seats", 35, index < 3, media: media),
        result(question, "seats", 10, index < 2, media: media),
        result(question, "random", 10, index == 0, media: media),
        result(question, "random", 5, question == "a" ? true : nil, media: media),
      ]
    }
  }

  @Test func `full tokens as baseline are compared at every budget`() throws {
    let found = try SweepBaseline("full", results)
    #expect(found.differences.map(\.method) == ["seats", "seats", "random", "random"])
    #expect(found.differences.map(\.paired.lost) == [1, 2, 3, 0])
    // Settings behind the fingerprint are not another clip.
    #expect(found.differences[0].paired.clips == 2)
    #expect(found.missing.isEmpty)
  }

  @Test func `a baseline method is compared at equal budgets, gaps are reported`() throws {
    let found = try SweepBaseline("seats", results)
    #expect(found.differences.map(\.method) == ["random"])
    #expect(found.differences[0].paired.lost == 1 && found.differences[0].baselineRetention == 10)
    #expect(
      found.missing == [.init(method: "random", retention: 5, reason: .noBaseline)])
  }

  @Test func `a missing baseline method is refused with the methods present`() {
    #expect(
      throws: SweepBaselineError(method: "omnizip", methods: ["full", "seats", "random"])
    ) { try SweepBaseline("omnizip", results) }
  }
}
