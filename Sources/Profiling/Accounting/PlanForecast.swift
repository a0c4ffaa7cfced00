import Selection

/// What a plan will do to a prompt, before it runs: token counts after every boundary, and the
/// reference FLOPs that follow. Window budgets may shift the real counts by a few tokens.
public struct PlanForecast: Sendable, Equatable {
  /// Counts that enter layer 1.
  public let entering: ModalityCounts
  /// Counts after each layer's boundary; element l − 1 belongs to layer l.
  public let afterLayer: [ModalityCounts]
  public let referenceFlops: Double
  public let referenceFullFlops: Double

  public var reduction: Double { referenceFullFlops / max(referenceFlops, 1) }

  /// Retention of video and audio together, averaged over all layers.
  public let retention: Double

  public init(_ plan: SelectionPlan, prompt: PromptShape, decoder: DecoderShape) {
    var counts = plan.encoderRule?.entering(prompt) ?? prompt.counts
    entering = counts
    var processed: [ModalityCounts] = []
    var after: [ModalityCounts] = []
    for layer in stride(from: 1, through: prompt.layers, by: 1) {
      processed.append(counts)
      counts = plan.boundary(afterLayer: layer)?.rule.leaving(counts) ?? counts
      after.append(counts)
    }
    afterLayer = after
    let cost = ReferenceCost(decoder)
    referenceFlops = cost.prefill(tokensPerLayer: processed.map(\.total), final: counts.total)
    referenceFullFlops = cost.full(tokens: prompt.counts.total)
    let droppable = (prompt.counts.video + prompt.counts.audio) * prompt.layers
    let kept = processed.reduce(0) { $0 + $1.video + $1.audio }
    retention = droppable > 0 ? Double(kept) / Double(droppable) : 1
  }
}
