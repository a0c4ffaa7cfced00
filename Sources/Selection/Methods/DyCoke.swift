/// DyCoke (arXiv 2411.15024), its part in the prefill: of every four grids of video the first stays
/// whole, and of the others what differs most from the grid they are compared with. Audio stays
/// whole while the budget allows, and beyond that is dropped at random. Its second part, a choice of
/// keys and values at each decoded token, leaves the prefill as it is and is not here.
///
/// Cost: O(n·d).
enum DyCoke {
  static func plan(_ settings: SelectionSettings, _ shape: PromptShape) -> SelectionPlan {
    let shared = AudioIntact.share(settings.budget, shape.counts)
    let isThin = TemporalNovelty.thinsAnchors(
      shared.video, tokens: shape.counts.video, gridTokens: shape.tokensPerGrid)
    let note =
      "the first of every \(TemporalNovelty.group) grids alone exceed the video budget: "
      + "evenly spaced tokens of these are kept"
    return SelectionPlan(
      method: settings.method,
      encoderRule: .novelty(
        video: shared.video,
        randomAudio: AudioIntact.randomAudio(shared, settings.drawSeed(for: shape))),
      boundaries: [], notes: isThin ? [note] : [])
  }
}
