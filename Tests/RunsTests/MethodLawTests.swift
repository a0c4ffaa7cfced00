import Foundation
import OmniModel
import Selection
import TestSupport
import Testing

@testable import Runs

/// What every method promises on every budget, from nothing to everything, in a real prefill.
@Suite struct `Laws of methods` {
  struct Case: Sendable, CustomTestStringConvertible {
    let clip: String
    let method: SelectionMethod
    var testDescription: String { "\(method.rawValue) on \(clip)" }
  }

  static let cases = ["qwen2_5_av", "qwen2_5_video_only", "qwen2_5_audio_only"].flatMap { clip in
    SelectionMethod.allCases.map { Case(clip: clip, method: $0) }
  }

  static let budgets = [
    (0.0, 0.0), (0.0004, 0.9), (0.06, 0.35), (0.3, 0.65), (0.97, 0.03), (1, 0.5), (1, 1),
  ].map { RetentionBudget(video: $0.0, audio: $0.1) }

  private func opened(_ clip: String) async throws -> ProfiledRun {
    let folder = Fixtures.golden.appending(path: clip)
    let request = RunRequest(
      model: folder.appending(path: "checkpoint").path, clip: folder.appending(path: "clip").path)
    return ProfiledRun(try await OpenedRun(request), request)
  }

  /// The drops of a run, with the rules that made them.
  private func drops(
    _ run: inout ProfiledRun, _ method: SelectionMethod, _ budget: RetentionBudget,
    seed: UInt64 = 5
  ) throws -> [DropRecord] {
    var settings = run.settings
    (settings.method, settings.budget, settings.seed) = (method, budget, seed)
    _ = run.configure(settings)
    while try run.advance(Cancellation()) != nil {}
    return run.records.compactMap(\.drop)
  }

  @Test(arguments: cases) func `every method keeps the token counts that its plan predicts`(
    _ one: Case
  ) async throws {
    var run = try await opened(one.clip)
    let prompt = run.opened.subject.prompt
    for budget in Self.budgets {
      let drops = try drops(&run, one.method, budget)
      for drop in drops {
        #expect(drop.kept == Array(Set(drop.kept)).sorted())
        #expect(Set(drop.kept).isSubset(of: drop.before))
        let text = drop.before.filter { prompt.modalities[$0] == .text }
        #expect(Set(text).isSubset(of: drop.kept), "text is never dropped")
        let (kept, merged) = (Set(drop.kept), drop.merges.map(\.token))
        #expect(Set(merged).count == merged.count, "merged once")
        #expect(Set(merged).isSubset(of: Set(drop.before).subtracting(kept)))
        #expect(drop.merges.allSatisfy { kept.contains($0.survivor) && $0.weight > 0 })
      }
      try expectCounts(run, budget)
    }
  }

  private func expectCounts(_ run: ProfiledRun, _ budget: RetentionBudget) throws {
    for record in run.records {
      switch record.step {
      case .encoders, .head: #expect(record.leaving == record.entering)
      case .stage1:
        let shape = run.opened.subject.promptShape
        let rule = run.plan.encoderRule
        let expected = rule?.entering(shape) ?? shape.counts
        guard rule?.isExact == false else {
          #expect(record.leaving == expected, "\(budget)")
          continue
        }
        // Every grid rounds a share of its own and keeps one; shares capped at 1 and a shorter last
        // window make up for a window's tokens each at most.
        let windowed = [(Modality.video, shape.tokensPerGrid), (.audio, 50)]
        for (modality, tokens) in windowed where shape.counts[modality] > 0 {
          let windows = (shape.counts[modality] + tokens - 1) / tokens
          let miss = abs(record.leaving[modality] - expected[modality])
          #expect(miss <= windows + tokens && record.leaving[modality] >= 1, "\(budget)")
        }
      case .layer(let layer):
        guard let rule = run.plan.boundary(afterLayer: layer)?.rule else {
          #expect(record.leaving == record.entering)
          continue
        }
        let expected = rule.leaving(record.entering)
        if !rule.isExact, let windows = record.drop?.windows, !windows.isEmpty {
          // A window split may move tokens between modalities, and each side keeps one.
          let budgets = windows.reduce(0) { $0 + $1.budget }
          #expect(budgets == max(windows.count, expected.video + expected.audio), "\(budget)")
          for window in windows {
            let sides = (window.videoTokens > 0 ? 1 : 0) + (window.audioTokens > 0 ? 1 : 0)
            #expect(window.videoBudget + window.audioBudget == max(window.budget, sides))
          }
          #expect(windows.reduce(0) { $0 + $1.videoBudget } == record.leaving.video, "\(budget)")
          #expect(windows.reduce(0) { $0 + $1.audioBudget } == record.leaving.audio, "\(budget)")
        } else if rule.isExact || rule is WindowBudgetRule {
          #expect(record.leaving == expected, "\(budget) after layer \(layer)")
        } else {
          // Scores decide how many of each modality are left.
          let (left, sum) = (record.leaving, expected.video + expected.audio)
          #expect(left.video + left.audio == sum, "\(budget) after layer \(layer)")
        }
      }
    }
  }

  @Test(arguments: cases) func `keep ratios of 1 keep every token until late removal`(
    _ one: Case
  ) async throws {
    var run = try await opened(one.clip)
    let drops = try drops(&run, one.method, RetentionBudget(video: 1, audio: 1))
    for drop in drops where drop.kind != .remove { #expect(drop.kept == drop.before) }
    guard run.plan.removalLayer == nil else { return }
    let answer = try answer(&run)
    var full = run.fullTokens()
    #expect(try answer == self.answer(&full), "embeddings are untouched")
  }

  private func answer(_ run: inout ProfiledRun) throws -> [AnswerRecord.Candidate]? {
    while try run.advance(Cancellation()) != nil {}
    return try run.decode()?.topLogits
  }

  @Test(arguments: cases) func `equal seeds give equal random selections`(
    _ one: Case
  ) async throws {
    var run = try await opened(one.clip)
    let budget = RetentionBudget(video: 0.3, audio: 0.4)
    let once = try drops(&run, one.method, budget)
    _ = try drops(&run, .full, budget)
    #expect(try drops(&run, one.method, budget) == once)
    let other = try drops(&run, one.method, budget, seed: 6)
    let counts = run.opened.subject.prompt.counts
    let usesChance = run.plan.randomModalities.contains { counts[$0] > 0 }
    #expect((other == once) != usesChance)
  }
}

extension SelectionPlan {
  fileprivate var randomModalities: Set<Modality> {
    boundaries.reduce(encoderRule?.randomModalities ?? []) { $0.union($1.rule.randomModalities) }
  }
}
