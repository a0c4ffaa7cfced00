/// VidCom² (arXiv 2505.14454; vLLM `--video-retention-ratio`): before the decoder, each temporal
/// grid of a video keeps the tokens least similar to the grid and to the video; grids less similar
/// to the video keep more. `vidcom2-om`, our variant, applies it to audio as well, with windows as
/// grids; `vidcom2` keeps all audio if the budget allows, and otherwise drops audio at random.
///
/// Cost: O(n·width) for n tokens.
enum VidCom {
  static let methods = [
    MethodDefinition(
      method: .vidcom, summary: "VidCom² on video; audio kept as far as the budget allows",
      parameters: [.budget, .seed],
      plan: { plan(.vidcom, AudioIntact.shares($0, $1)) }),
    MethodDefinition(
      method: .vidcomOmni, summary: "VidCom² on video, and on windows of audio",
      parameters: [.budget, .audioWindowSeconds],
      plan: { settings, _ in
        plan(
          .vidcomOmni, KeptShares(settings.budget), audioSeconds: settings.windows.audioSeconds)
      }),
  ]

  private static func plan(
    _ method: SelectionMethod, _ shares: KeptShares,
    audioSeconds: Int = SelectionWindows().audioSeconds
  ) -> SelectionPlan {
    // A video window is always one temporal grid.
    let windows = SelectionWindows(grids: 1, audioSeconds: audioSeconds)
    return SelectionPlan(method: method, encoderRule: FrameUniquenessRule(shares, windows: windows))
  }
}

extension SelectionMethod {
  public static let vidcom = SelectionMethod(named: "vidcom2")
  public static let vidcomOmni = SelectionMethod(named: "vidcom2-om")
}
