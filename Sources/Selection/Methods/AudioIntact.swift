/// Budgets of video-only methods: all audio is kept, and video gets the rest of the total budget.
enum AudioIntact {
  /// Minimum share of video tokens to keep.
  static let videoFloor = 0.05

  /// Keep ratios with the same total number of tokens, spent on audio first. Unchanged if a
  /// modality is missing.
  static func share(_ ratios: RetentionBudget, _ counts: ModalityCounts) -> RetentionBudget {
    guard counts.video > 0, counts.audio > 0 else { return ratios }
    let (video, audio) = (Double(counts.video), Double(counts.audio))
    let total = (ratios.video * video + ratios.audio * audio).rounded(.towardZero)
    let left = (total - audio) / video
    guard left < videoFloor else { return RetentionBudget(video: left, audio: 1) }
    return RetentionBudget(video: videoFloor, audio: (total - videoFloor * video) / audio)
  }

  /// Keep ratios for a budget, by default that of the settings; excess audio tokens are dropped at
  /// random.
  static func shares(
    _ settings: SelectionSettings, _ shape: PromptShape, of ratios: RetentionBudget? = nil
  ) -> KeptShares {
    let kept = share(ratios ?? settings.budget, shape.counts)
    return KeptShares(
      video: kept.video,
      randomAudio: kept.audio < 1
        ? RandomShare(ratio: kept.audio, seed: settings.drawSeed(for: shape)) : nil)
  }
}
