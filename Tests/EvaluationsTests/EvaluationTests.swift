import Foundation
import OmniModel
import Selection
import TestSupport
import Testing

@testable import Evaluations

/// Sweeps and curves on a tiny checkpoint: the answers are noise, the accounting is not.
@Suite("Evaluation") struct EvaluationFixture {
  static func scratch(_ name: String = "\(UUID()).jsonl") -> String {
    FileManager.default.temporaryDirectory.appending(path: name).path
  }

  /// Clips of one silent, empty window with two questions each.
  static func evaluation(_ clips: Int) throws -> Evaluation {
    let file = scratch()
    defer { try? FileManager.default.removeItem(atPath: file) }
    let lines = (0..<clips).map { clip in
      """
      {"clip":"\(clip)","modalities":["video","audio"],"scene":{"seed":\(clip),"clutter":3,\
      "grain":4,"flicker":false,"hiss":5,"windows":[{"shapes":[],"sound":{"kind":"silence"}}]},\
      "questions":[{"id":"\(clip)-a","type":"a","question":"One?","answer":"x","chance":0.5},\
      {"id":"\(clip)-b","type":"b","question":"Two?","answer":"y","chance":0.5}]}
      """
    }
    try lines.joined(separator: "\n").write(toFile: file, atomically: true, encoding: .utf8)
    let model = Fixtures.golden.appending(path: "qwen2_5_av/checkpoint").path
    return Evaluation(
      try Thinker(directory: model), try EvaluationSet(benchmark: file), longestAnswer: 8)
  }

  static func points(_ methods: [SelectionMethod] = [.seats]) -> [SweepPoint] {
    methods.flatMap { method in
      [35.0, 10].map { percent in
        var settings = SelectionSettings(defaultsForLayers: 10)
        (settings.method, settings.budget) = (method, RetentionBudget(nominalPercent: percent))
        return SweepPoint(label: method.rawValue, retention: percent, settings: settings)
      }
    }
  }

  /// Results without their times, in an order of their own.
  static func timeless(_ results: [SweepResult]) -> [String] {
    results.map { "\($0.key) \($0.answer) \($0.divergence) \($0.topLogits) \($0.referenceFlops)" }
      .sorted()
  }

  @Test func `a sweep answers each question once per point for any thread count`() throws {
    let sweep = MethodSweep(try Self.evaluation(3), Self.points())
    let runs = try [1, 2, 4].map { try sweep.run(threads: $0) }
    #expect(sweep.resultCount == 18 && runs[0].count == 18)
    #expect(
      runs[0].filter { $0.point.method == "full" }.map(\.question)
        == ["0-a", "0-b", "1-a", "1-b", "2-a", "2-b"])
    for run in runs { #expect(Self.timeless(run) == Self.timeless(runs[0])) }
    let summary = SweepSummary(runs[0])
    #expect(summary.points.map(\.retention) == [100, 35, 10])
    for point in summary.points.dropFirst() {
      #expect(point.accuracy?.asked == 6 && point.byKind["a"]?.asked == 3)
      #expect(point.reduction > 1 && point.retentionReached < 1 && point.divergence > 0)
    }
  }

  @Test func `full tokens have retention ratio 1 and KL divergence 0`() throws {
    let summary = SweepSummary(try MethodSweep(try Self.evaluation(1), []).run(threads: 1))
    let full = try #require(summary.points.first)
    #expect(summary.points.count == 1 && full.method == "full")
    #expect(full.reduction == 1 && full.retentionReached == 1)
    #expect(full.divergence == 0 && full.sameAsFull.share == 1)
  }

  @Test func `shard i/n has every n-th clip, and all shards cover the set`() throws {
    let set = try Self.evaluation(5).set
    let parts = [1, 2, 3].compactMap { Shard("\($0)/3") }.map { set.part($0).clips.map(\.id) }
    #expect(parts == [["0", "3"], ["1", "4"], ["2"]])
    #expect(["0/3", "4/3", "1", "1/0", "a/b", "1/2/3"].allSatisfy { Shard($0) == nil })
  }

  @Test func `KL divergence is 0 for equal distributions and positive otherwise`() {
    let logits: [Float] = [1, 2, 3, -50]
    #expect(Divergence.nats(of: logits.map { $0 + 7 }, from: logits) < 1e-6)
    // p = (1/2, 1/2), q = (3/4, 1/4): KL = ln 2 − (ln 3)/2.
    let expected = Foundation.log(2.0) - Foundation.log(3.0) / 2
    let found = Divergence.nats(of: [Float(Foundation.log(3.0)), 0], from: [0, 0])
    #expect(abs(found - expected) < 1e-6)
  }

  @Test func `the dependency curve has a point for every layer and removal`() throws {
    let curve = try DependencyCurve.run(try Self.evaluation(2), threads: 2)
    #expect(curve.points.count == 30 && curve.questions == 4)
    #expect(curve.points.allSatisfy { $0.accuracy?.asked == 4 && $0.sameAsFull.asked == 4 })
    let both = curve.points.filter { $0.removal == .both }
    #expect(both.map(\.layer) == Array(1...10))
    // Media matter more before the first layer than before the last.
    #expect(both[0].divergence > both[9].divergence)
  }

  @Test(arguments: Removal.allCases, [1, 2, 6, 10])
  func `removing tokens from a snapshot equals removing them from the start`(
    _ removal: Removal, _ layer: Int
  ) throws {
    let fresh = try Self.evaluation(1).map(threads: 1) { question -> EvaluationAnswer in
      var prefill = try question.prefill(removal.plan(before: layer))
      return try prefill.answer(longest: 8, by: question.thinker)
    }
    let readings = try Self.evaluation(1).map(threads: 1) { question in
      try DependencyRow(question, [removal]).readings[layer - 1]
    }
    for (answer, reading) in zip(fresh, readings) {
      #expect(reading.layer == layer && reading.answer == answer.text)
    }
  }

  @Test func `removing tokens before layer l keeps them in earlier layers`() {
    #expect(
      Removal.both.plan(before: 5).boundaries == [
        LayerBoundary(afterLayer: 4, rule: RemovalRule())
      ])
    #expect(Removal.audio.plan(before: 1).encoderRule as? RemovalRule == RemovalRule(video: false))
  }

  @Test func `blocks and drop layers are derived from the dependency curve`() {
    let both = [0.2, 0.2, 0.3, 0.5, 0.7, 0.8, 0.9, 0.93, 0.95, 0.95].map { $0 / 0.95 }
    let blocks = DependencyBlocks(.init(shares: both, slack: 0.0235), layers: 10)
    #expect((blocks.middle, blocks.late) == (5, 8))
    #expect(blocks.dropLayers == [5, 6])
  }

  @Test(arguments: [
    ([1.0, 1, 1, 1], 1, 1), ([0, 0, 0, 0], 4, 5), ([0, 1, 1, 1], 2, 2), ([0], 1, 2),
  ])
  func `flat and falling dependency curves have blocks`(
    _ shares: [Double], _ middle: Int, _ late: Int
  ) {
    let blocks = DependencyBlocks(.init(shares: shares, slack: 0.02), layers: shares.count)
    #expect((blocks.middle, blocks.late) == (middle, late))
    #expect(blocks.dropLayers.allSatisfy { $0 >= 1 && $0 < blocks.late - 1 })
  }
}
