import Tensors

/// The rule of OmniPack's second stage, over the whole prompt: keeps tokens that are relevant to
/// the text and far from each other, and merges the others of their modality into them.
public struct RelevancePackingRule: BoundaryRule {
  public static let name = "merge"

  public let shares: KeptShares

  public init(video: Double, audio: Double) { shares = KeptShares(video: video, audio: audio) }

  public var ratios: RetentionBudget { shares.ratios }
  public var choosesByScore: Bool { false }

  public var need: BoundaryNeed { .hidden }

  public func select(_ inputs: BoundaryInputs) throws -> RuleOutcome {
    let hidden = try inputs.hidden()
    func offsets(_ modality: Modality) -> [Int] {
      inputs.modalities.indices.filter { inputs.modalities[$0] == modality }
    }
    let text = hidden.gatherRows(offsets(.text))
    let places = [Modality.video, .audio].map { (modality: $0, offsets: offsets($0)) }
    var outcome = RuleOutcome(
      kept: inputs.modalities.indices.filter { !inputs.modalities[$0].isDroppable }, path: .global,
      scores: [Float](repeating: 0, count: inputs.modalities.count))
    for (index, part) in places.enumerated() where !part.offsets.isEmpty {
      let packed = RelevancePacking(ratio: shares[part.modality] ?? 1).select(
        tokens: hidden.gatherRows(part.offsets), text: text,
        others: hidden.gatherRows(places[1 - index].offsets), offsets: part.offsets)
      outcome.kept += packed.kept.map { part.offsets[$0] }
      outcome.merges += packed.merges
      outcome.flops += packed.flops
      if let rows = packed.changed { outcome.changed.append(rows) }
      for (row, relevance) in packed.relevance.enumerated() {
        outcome.scores[part.offsets[row]] = relevance
      }
    }
    outcome.kept.sort()
    return outcome
  }

  public init(from decoder: any Decoder) throws { shares = try KeptShares(from: decoder) }
  public func encode(to encoder: any Encoder) throws { try shares.encode(to: encoder) }
}
