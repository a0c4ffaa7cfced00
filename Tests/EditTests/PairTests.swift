import OmniModel
import Selection
import Testing

@testable import OmniModel
@testable import Runs

/// New settings at any point of a run leave exactly what a fresh run of them has after as many steps.
@Suite struct `Plans changed midway` {
  /// A run after every number of steps, the answer last.
  static func stages(
    _ opened: OpenedRun, _ request: RunRequest, _ settings: SelectionSettings
  ) throws -> [ProfiledRun] {
    var run = ProfiledRun(opened, request)
    _ = run.configure(settings)
    var stages = [run]
    while try run.advance(Cancellation()) != nil { stages.append(run) }
    while !run.isAnswered { _ = try run.decode() }
    return stages + [run]
  }

  static let scenes =
    EditScope.isExhaustive ? EditScene.all : [EditScene(name: "qwen2_5_av", compute: .f32)]

  /// Every method to every other; of the pairs of other plans a part, unless all are asked for.
  private static func isTried(_ from: Int, _ to: Int) -> Bool {
    let methods = SelectionMethod.allCases.count
    return EditScope.isExhaustive || max(from, to) < methods || (from + to) % 5 == 0
  }

  @Test(arguments: scenes)
  func `a plan changed after any step equals a fresh run`(_ scene: EditScene) async throws {
    let opened = try await scene.open()
    let request = scene.request()
    let base = ProfiledRun(opened, request).settings
    let settings = EditedSettings.all(base, layers: opened.subject.model.decoder.layers)
    let stages = try settings.map { try Self.stages(opened, request, $0) }
    let bits = try stages.map { try $0.map(RunBits.init) }
    for (from, stagesBefore) in stages.enumerated() {
      for to in stages.indices where Self.isTried(from, to) {
        for (steps, before) in stagesBefore.enumerated() {
          var run = before
          let kept = run.configure(settings[to])
          // The answer is one stage more than the last step.
          let stage = run.isAnswered ? stages[to].count - 1 : run.records.count
          let difference = try RunBits(run).difference(from: bits[to][stage])
          if let difference {
            Issue.record("\(settings[from]) → \(settings[to]) after \(steps) steps: \(difference)")
            return
          }
          #expect(kept == run.records.count || kept == run.records.count - 1)
          #expect(run.isAnswered == (before.isAnswered && stage == stages[to].count - 1))
        }
      }
    }
  }

  /// What was given up is computed again, and the run ends alike.
  @Test(arguments: EditScope.isExhaustive ? [0, 64 << 10, 1 << 30] : [0])
  func `a plan changed midway equals a fresh run for any snapshot memory`(_ snapshotBytes: Int)
    async throws
  {
    for scene in EditScope.isExhaustive
      ? EditScene.all : [EditScene(name: "qwen2_5_av", compute: .f32)]
    {
      let opened = try await scene.open()
      let request = scene.request(snapshotBytes: snapshotBytes)
      let base = ProfiledRun(opened, request).settings
      let settings = EditedSettings.all(base, layers: opened.subject.model.decoder.layers)
      let stages = try settings.map { try Self.stages(opened, request, $0) }
      let ends = try stages.map { try RunBits($0[$0.count - 1]) }
      var random = SeededGenerator(EditScope.firstSeed)
      for from in stages.indices {
        for to in EditScope.isExhaustive
          ? Array(stages.indices) : [Int.random(in: stages.indices, using: &random)]
        {
          var run = stages[from][Int.random(in: stages[from].indices, using: &random)]
          _ = run.configure(settings[to])
          while try run.advance(Cancellation()) != nil {}
          while !run.isAnswered { _ = try run.decode() }
          if let difference = try RunBits(run).difference(from: ends[to]) {
            Issue.record("\(scene): \(settings[from]) → \(settings[to]): \(difference)")
            return
          }
        }
      }
    }
  }
}
