/// VisionZip (arXiv 2412.04467): before the decoder, keep in each window the tokens that received
/// most attention, and a few evenly spaced anchors into which the others are merged.
/// `visionzip-om` treats audio likewise; `visionzip` keeps audio whole while the budget allows, and
/// beyond that drops audio at random.
///
/// Cost: O(Σ anchors·n·w) similarities for windows of n tokens with keys of width w.
enum VisionZip {
  /// Share of tokens that become anchors.
  static let contextualRatio = 0.05

  static func plan(_ settings: SelectionSettings, _ shape: PromptShape) -> SelectionPlan {
    // Video is taken grid by grid, whatever the windows of other methods.
    let windows = SelectionWindows(grids: 1, audioSeconds: settings.windows.audioSeconds)
    let rule: EncoderRule
    if settings.method == .visionzipOmni {
      rule = .dominant(
        video: settings.budget.video, audio: settings.budget.audio, contextual: contextualRatio,
        windows: windows, randomAudio: nil)
    } else {
      let shared = AudioIntact.share(settings.budget, shape.counts)
      rule = .dominant(
        video: shared.video, audio: nil, contextual: contextualRatio, windows: windows,
        randomAudio: AudioIntact.randomAudio(shared, settings.drawSeed(for: shape)))
    }
    return SelectionPlan(
      method: settings.method, encoderRule: rule, boundaries: [], notes: [])
  }
}
