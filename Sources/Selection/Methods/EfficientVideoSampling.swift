/// Efficient Video Sampling (vLLM `--video-pruning-rate`): before the decoder, keeps the first
/// temporal grid of a video and the tokens least similar to the token at the same place in the
/// previous grid. `evs-om`, our variant, applies it to audio as well, token by token; `evs` keeps
/// all audio if the budget allows, and otherwise drops audio at random.
///
/// Cost: O(n·width) for n tokens.
enum EfficientVideoSampling {
  static let methods = [
    MethodDefinition(
      method: .evs, summary: "EVS: changes between grids; audio kept as far as the budget allows",
      parameters: [.budget, .seed],
      plan: { plan(.evs, AudioIntact.shares($0, $1), $1) }),
    MethodDefinition(
      method: .evsOmni, summary: "EVS on video (per grid) and audio (per token)",
      parameters: [.budget], plan: { plan(.evsOmni, KeptShares($0.budget), $1) }),
  ]

  private static func plan(
    _ method: SelectionMethod, _ shares: KeptShares, _ shape: PromptShape
  ) -> SelectionPlan {
    let exceeds = shape.eachClip.contains {
      $0.video > 0 && (shares.video ?? 1) * Double($0.video) < Double($0.tokensPerGrid)
    }
    let note = "the first grid alone exceeds the video budget: it is kept in full"
    return SelectionPlan(
      method: method, encoderRule: FrameChangeRule(shares), notes: exceeds ? [note] : [])
  }
}

extension SelectionMethod {
  public static let evs = SelectionMethod(named: "evs")
  public static let evsOmni = SelectionMethod(named: "evs-om")
}
