import Foundation
import OmniModel
import Selection
import TestSupport
import Testing

@testable import Runs

/// Tokens kept and dropped by hand, in a real prefill under every method.
@Suite struct `Runs with tokens chosen by hand` {
  private func opened() async throws -> ProfiledRun {
    let folder = Fixtures.golden.appending(path: "qwen2_5_av")
    let request = RunRequest(
      model: folder.appending(path: "checkpoint").path, clip: folder.appending(path: "clip").path)
    return ProfiledRun(try await OpenedRun(request), request)
  }

  @Test(arguments: SelectionMethod.allCases)
  func `every method keeps and drops what was chosen by hand`(_ method: SelectionMethod)
    async throws
  {
    var run = try await opened()
    let prompt = run.opened.subject.prompt
    let positions = Dictionary(grouping: prompt.modalities.indices) { prompt.modalities[$0] }
    let kept = TokenList(video: [0, 7, 8, 30], audio: [2, 3, 41])
    let dropped = TokenList(video: [1, 20], audio: 4..<12)
    let keeps = Set(
      [Modality.video, .audio].flatMap { modality in
        kept[modality].map { positions[modality]?[$0] ?? -1 }
      })
    let drops = Set(
      [Modality.video, .audio].flatMap { modality in
        dropped[modality].map { positions[modality]?[$0] ?? -1 }
      })
    var settings = run.settings
    (settings.method, settings.budget) = (method, RetentionBudget(video: 0.3, audio: 0.4))
    var plain = run
    _ = plain.configure(settings)
    while try plain.advance(Cancellation()) != nil {}
    settings.forced = ForcedTokens(kept: kept, dropped: dropped)
    _ = run.configure(settings)
    while try run.advance(Cancellation()) != nil {}
    for record in run.records {
      guard let drop = record.drop else { continue }
      #expect(drops.isDisjoint(with: drop.kept))
      if drop.kind != .remove { #expect(keeps.isSubset(of: drop.kept)) }
      let merged = Set(drop.merges.map(\.token))
      #expect(merged.isDisjoint(with: drop.kept))
      #expect(Set(drop.merges.map(\.survivor)).isSubset(of: drop.kept))
    }
    #expect(run.records.faults(of: run.opened.subject).isEmpty)
    // Budgets are kept: no more tokens enter layer 1 than the method lets in, or than are kept by
    // hand.
    let (own, other) = (run.records[1].leaving, plain.records[1].leaving)
    #expect(own.video <= max(4, other.video) && own.audio <= max(3, other.audio))
  }

  @Test(arguments: [SelectionMethod.seats, .visionzip, .omnipack, .omnidrop, .full])
  func `choices made midway give the state of a run that had them from the start`(
    _ method: SelectionMethod
  ) async throws {
    let start = try await opened()
    var settings = start.settings
    settings.method = method
    for forced in [
      ForcedTokens(kept: TokenList(video: 3..<9)), ForcedTokens(dropped: TokenList(audio: 0..<9)),
      ForcedTokens(kept: TokenList(audio: [5]), dropped: TokenList(video: [0])),
    ] {
      var chosen = settings
      chosen.forced = forced
      var fresh = start
      _ = fresh.configure(chosen)
      while try fresh.advance(Cancellation()) != nil {}
      var edited = start
      _ = edited.configure(settings)
      for _ in 0..<7 { _ = try edited.advance(Cancellation()) }
      _ = edited.configure(chosen)
      while try edited.advance(Cancellation()) != nil {}
      #expect(edited.logits == fresh.logits)
      #expect(edited.records.map(\.drop) == fresh.records.map(\.drop))
      // And taken back.
      _ = edited.configure(settings)
      while try edited.advance(Cancellation()) != nil {}
      var plain = start
      _ = plain.configure(settings)
      while try plain.advance(Cancellation()) != nil {}
      #expect(edited.logits == plain.logits)
    }
  }

  @Test func `full tokens for comparison have nothing dropped by hand`() async throws {
    var run = try await opened()
    var settings = run.settings
    settings.forced = ForcedTokens(dropped: TokenList(video: 0..<9))
    _ = run.configure(settings)
    var full = run.fullTokens()
    while try full.advance(Cancellation()) != nil {}
    #expect(full.records.layers.allSatisfy { $0.entering == run.opened.subject.prompt.counts })
  }
}
