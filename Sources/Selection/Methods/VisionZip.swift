/// VisionZip (arXiv 2412.04467): before the decoder, keep in each window the tokens that received
/// most attention, and a few evenly spaced anchors into which the others are merged.
/// `visionzip-om` treats audio likewise; `visionzip` keeps audio whole while the budget allows, and
/// beyond that drops audio at random.
///
/// Cost: O(Σ anchors·n·w) similarities for windows of n tokens with keys of width w.
enum VisionZip {
  /// Share of tokens that become anchors.
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
    // Always one grid per video window.
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
