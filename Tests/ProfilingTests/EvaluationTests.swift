import Foundation
import OmniModel
import Selection
import SyntheticWorld
import TestSupport
import Testing

@testable import Profiling

/// Sweeps and curves on a tiny checkpoint: the answers are noise, the accounting is not.
@Suite struct `Evaluation` {
  private func exam(_ clips: Int) throws -> Exam {
    let scratch = FileManager.default.temporaryDirectory.appending(path: "\(UUID()).jsonl")
    defer { try? FileManager.default.removeItem(at: scratch) }
    let lines = (0..<clips).map { clip in
      """
      {"clip":"\(clip)","modalities":["video","audio"],"scene":{"seed":\(clip),"clutter":3,\
      "grain":4,"flicker":false,"hiss":5,"windows":[{"shapes":[],"sound":{"kind":"silence"}}]},\
      "questions":[{"id":"\(clip)-a","type":"a","question":"One?","answer":"x","chance":0.5},\
      {"id":"\(clip)-b","type":"b","question":"Two?","answer":"y","chance":0.5}]}
      """
    }
    try lines.joined(separator: "\n").write(to: scratch, atomically: true, encoding: .utf8)
    let model = Fixtures.golden.appending(path: "qwen2_5_av/checkpoint").path
    return try Exam(model: model, benchmark: scratch.path)
  }

  @Test func `every question is answered once, in file order, for any number of threads`() throws {
    let sweep = MethodSweep(try exam(3))
    let settings = SelectionSettings(defaultsForLayers: 10)
    let runs = try [1, 2, 4].map {
      try sweep.point(settings, retention: 15, threads: $0)
    }
    #expect(runs[0].answers.map(\.id) == ["0-a", "0-b", "1-a", "1-b", "2-a", "2-b"])
    for run in runs {
      #expect(run.answers.map(\.text) == runs[0].answers.map(\.text))
      #expect(run.point.accuracy.asked == 6 && run.point.byType["a"]?.asked == 3)
      #expect(run.point.reduction > 1 && run.point.retentionReached < 1)
    }
  }

  @Test func `full tokens cost what they cost`() throws {
    var settings = SelectionSettings(defaultsForLayers: 10)
    settings.method = .full
    let point = try MethodSweep(try exam(1)).point(settings, retention: 100, threads: 1).point
    #expect(point.reduction == 1 && point.retentionReached == 1)
  }

  @Test func `the dependency curve has a point for every layer and removal`() throws {
    let curve = try DependencyCurve(try exam(1), threads: 1)
    #expect(curve.points.count == 30)
    #expect(Set(curve.points.map(\.accuracy.asked)) == [2])
  }

  @Test func `a removal before layer l lets layers before it see everything`() {
    #expect(
      DependencyCurve.plan(.both, before: 5).boundaries == [
        LayerBoundary(afterLayer: 4, rule: .removeNonText)
      ])
    #expect(
      DependencyCurve.plan(.audio, before: 1).encoderRule == .remove(video: false, audio: true))
  }

  @Test func `late and drop layers are proposed from the rise of the curve`() {
    let full = Accuracy(Array(repeating: true, count: 95) + Array(repeating: false, count: 5))
    let both = [0.2, 0.2, 0.3, 0.5, 0.7, 0.8, 0.9, 0.93, 0.95, 0.95]
    let proposal = DependencyCurve.propose(both, full: full)
    #expect(proposal.late == 8)
    #expect(proposal.drops == [5, 6])
  }
}
