import Foundation
import Selection
import Tensors
import TestSupport
import Testing

@testable import OmniModel

/// Rules that merge dropped tokens into survivors: what the next layer sees of them.
@Suite struct `Merging rules` {
  /// Drops every other video token, and doubles the hidden state of the one before it.
  private struct PairRule: EncoderRule, BoundaryRule {
    static let name = "pair"
    var merges = true
    var ratios: RetentionBudget { RetentionBudget(video: 0.5, audio: 1) }
    var summary: String { "pairs" }

    func select(_ inputs: EncoderInputs) throws -> RuleOutcome {
      guard let video = inputs.video else {
        return RuleOutcome(kept: Array(inputs.modalities.indices), path: .windows)
      }
      return try paired(inputs.modalities, video.features)
    }

    func select(_ inputs: BoundaryInputs) throws -> RuleOutcome {
      let offsets = inputs.modalities.indices.filter { inputs.modalities[$0] == .video }
      return try paired(inputs.modalities, inputs.hidden().gatherRows(offsets))
    }

    private func paired(_ modalities: [Modality], _ rows: Tensor) -> RuleOutcome {
      let video = modalities.indices.filter { modalities[$0] == .video }
      let survivors = video.indices.filter { $0 % 2 == 0 }
      let dropped = Set(video.indices.filter { $0 % 2 == 1 }.map { video[$0] })
      var outcome = RuleOutcome(
        kept: modalities.indices.filter { !dropped.contains($0) }, path: .noChoice)
      guard merges else { return outcome }
      var changed = rows.gatherRows(survivors)
      changed.scale(by: 2)
      outcome.changed = [ChangedRows(offsets: survivors.map { video[$0] }, rows: changed)]
      outcome.merges = survivors.filter { $0 + 1 < video.count }.map {
        TokenMerge(token: video[$0 + 1], survivor: video[$0], weight: 1)
      }
      return outcome
    }
  }

  private func prefill(_ plan: SelectionPlan) throws -> Prefill {
    let golden = try GoldenCase("qwen2_5_av")
    let thinker = try golden.thinker()
    return Prefill(try Prompt(golden.clip(), for: thinker), thinker: thinker, plan: plan)
  }

  private func finished(_ plan: SelectionPlan) throws -> Prefill {
    var prefill = try prefill(plan)
    while try prefill.advance(Cancellation()) != nil {}
    return prefill
  }

  private func boundaryPlan(_ merges: Bool) -> SelectionPlan {
    SelectionPlan(
      method: .full, boundaries: [LayerBoundary(afterLayer: 3, rule: PairRule(merges: merges))])
  }

  @Test func `rows merged in Stage I are the input of layer 1`() throws {
    let plan = SelectionPlan(method: .full, encoderRule: PairRule())
    let prefill = try finished(plan)
    let entrance = try prefill.input(ofLayer: 1, Cancellation())
    let hidden = entrance.tensor
    let embeddings = try #require(prefill.encoded).embeddings.value(as: Tensor.self)
    let modalities = entrance.positions.map { prefill.prompt.modalities[$0] }
    for (row, position) in entrance.positions.enumerated() {
      let scale: Float = modalities[row] == .video ? 2 : 1
      #expect(
        hidden.row(row).elementsEqual(embeddings.row(position).map { scale * $0 }))
    }
    let drop = try #require(prefill.outcomes[1].drop)
    #expect(!drop.merges.isEmpty)
    let kept = Set(drop.kept)
    #expect(drop.merges.allSatisfy { !kept.contains($0.token) && kept.contains($0.survivor) })
  }

  @Test func `rows merged at a boundary are the next layer's input`() throws {
    let merged = try finished(boundaryPlan(true))
    let plain = try finished(boundaryPlan(false))
    #expect(merged.survivors == plain.survivors)
    #expect(try merged.hiddenRows(afterLayer: 3) == plain.hiddenRows(afterLayer: 3))
    #expect(try merged.hiddenRows(afterLayer: 4) != plain.hiddenRows(afterLayer: 4))
    #expect(merged.logits != plain.logits)
    var again = merged
    again.rewind(toSteps: 4)
    while try again.advance(Cancellation()) != nil {}
    #expect(again.logits == merged.logits)
    var edited = plain
    edited.apply(boundaryPlan(true))
    while try edited.advance(Cancellation()) != nil {}
    #expect(edited.logits == merged.logits, "an edited run is a fresh one")
  }
}
