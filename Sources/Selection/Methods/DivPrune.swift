/// DivPrune (arXiv 2503.02175): before the decoder, the tokens of a modality that are farthest apart,
/// whatever their time. `divprune-om` treats audio likewise; `divprune` keeps audio whole while the
/// budget allows, and beyond that drops audio at random.
///
/// Cost: O(n²·d) for n tokens of width d.
enum DivPrune {
  static func plan(_ settings: SelectionSettings, _ shape: PromptShape) -> SelectionPlan {
    let rule: EncoderRule
    if settings.method == .divpruneOmni {
      rule = .spread(
        video: settings.budget.video, audio: settings.budget.audio, randomAudio: nil)
    } else {
      let shared = AudioIntact.share(settings.budget, shape.counts)
      rule = .spread(
        video: shared.video, audio: nil,
        randomAudio: AudioIntact.randomAudio(shared, settings.drawSeed(for: shape)))
    }
    return SelectionPlan(method: settings.method, encoderRule: rule, boundaries: [], notes: [])
  }
}
