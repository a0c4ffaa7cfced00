import Selection

/// Predicted cost of a plan for a prompt: token counts after every boundary, and reference FLOPs.
/// With window budgets the real counts may differ by a few tokens.
public struct PlanCostEstimate: Sendable, Equatable {
  /// Predicted token counts that enter layer 1.
  public let entering: ModalityCounts
  /// Predicted token counts after each layer and its drop; element l − 1 belongs to layer l.
  public let afterLayer: [ModalityCounts]
  /// FLOPs of the plan and of full tokens, counted like in the paper's figures; nil if decoder
  /// sizes are unknown.
  public let referenceFlops, referenceFullFlops: Double?

  /// Predicted retention ratio of video and audio together, averaged over all layers.
  public let retention: Double

  public init(_ plan: SelectionPlan, prompt: PromptShape, decoder: DecoderShape) {
    var counts = plan.encoderRule?.entering(each: prompt) ?? prompt.counts
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
    let isKnown = decoder.hasLayerSizes && decoder.hasHeadSizes
    referenceFlops =
      isKnown
      ? cost.prefill(tokensPerLayer: processed.map(\.total), final: counts.total) : nil
    referenceFullFlops = isKnown ? cost.full(tokens: prompt.counts.total) : nil
    retention = processed.retention(of: prompt.counts)
  }
}
