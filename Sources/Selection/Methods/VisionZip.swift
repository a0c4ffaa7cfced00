/// VisionZip (arXiv 2412.04467): before the decoder, keeps in each window the tokens that receive
/// most attention, and a few evenly spaced anchors into which the others are merged. `visionzip-om`
/// applies it to audio as well; `visionzip` keeps all audio if the budget allows, and otherwise
/// drops audio at random.
///
/// Cost: O(Σ anchors·n·w) for the similarities in windows of n tokens with keys of width w.
enum VisionZip {
  /// Parameter: the share of tokens that become anchors.
  static let anchors = SelectionParameter(
    "anchors", in: 0...1, standard: 0.05, help: "share of tokens used as anchors")

  static let methods = [
    MethodDefinition(
      method: .visionzip, summary: "VisionZip on video; audio kept as far as the budget allows",
      parameters: [.budget, .audioWindowSeconds, .seed, anchors],
      plan: { plan(.visionzip, $0, AudioIntact.shares($0, $1)) }),
    MethodDefinition(
      method: .visionzipOmni, summary: "VisionZip on video and audio",
      parameters: [.budget, .audioWindowSeconds, anchors],
      plan: { settings, _ in plan(.visionzipOmni, settings, KeptShares(settings.budget)) }),
  ]

  private static func plan(
    _ method: SelectionMethod, _ settings: SelectionSettings, _ shares: KeptShares
  ) -> SelectionPlan {
    // A video window is always one temporal grid.
    let windows = SelectionWindows(grids: 1, audioSeconds: settings.windows.audioSeconds)
    return SelectionPlan(
      method: method,
      encoderRule: DominantRule(shares, contextual: settings[anchors], windows: windows))
  }
}

extension SelectionMethod {
  public static let visionzip = SelectionMethod(named: "visionzip")
  public static let visionzipOmni = SelectionMethod(named: "visionzip-om")
}
