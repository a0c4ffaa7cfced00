/// DyCoke (arXiv 2411.15024), the part that affects the prefill: of every four temporal grids of
/// video the first is kept completely, and of the others the tokens least similar to their
/// reference grid. Audio is kept completely if the budget allows; otherwise it is dropped at
/// random. The second part, a selection of keys and values during decoding, does not affect the
/// prefill and is not implemented.
///
/// Cost: O(n·d) for n tokens of width d.
enum DyCoke {
  static let methods = [
    MethodDefinition(
      method: .dycoke, summary: "DyCoke's temporal part; audio kept as far as the budget allows",
      parameters: [.budget, .seed], plan: plan)
  ]

  @Sendable private static func plan(_ settings: SelectionSettings, _ shape: PromptShape)
    -> SelectionPlan
  {
    let shares = AudioIntact.shares(settings, shape)
    let isThin = shape.eachClip.contains {
      TemporalNovelty.thinsAnchors(
        shares.ratios.video, tokens: $0.video, gridTokens: $0.tokensPerGrid)
    }
    let note =
      "the first grid of every \(TemporalNovelty.group) alone exceeds the video budget: "
      + "evenly spaced tokens of these grids are kept"
    return SelectionPlan(
      method: .dycoke, encoderRule: NoveltyRule(shares), notes: isThin ? [note] : [])
  }
}

extension SelectionMethod {
  public static let dycoke = SelectionMethod(named: "dycoke")
}
