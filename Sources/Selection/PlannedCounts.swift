/// What a plan's rules say about counts, before anything runs.
extension EncoderRule {
  /// Tokens that enter layer 1: exact.
  public func entering(_ prompt: PromptShape) -> ModalityCounts {
    let (video, audio) = (prompt.counts.video, prompt.counts.audio)
    func counts(_ video: Int, _ audio: Int) -> ModalityCounts {
      prompt.counts.with(video: video, audio: audio)
    }
    func keep(_ ratio: Double?, _ random: RandomShare?) -> Int {
      keepCount(random?.ratio ?? ratio ?? 1, of: audio)
    }
    switch self {
    case .diversity(let videoRatio, let audioRatio, let windows):
      return counts(
        Self.windowed(videoRatio, video, windows.grids * prompt.tokensPerGrid),
        Self.windowed(audioRatio, audio, windows.audioTokens))
    case .dominant(let videoRatio, let audioRatio, let contextual, let windows, let random):
      func merged(_ ratio: Double?, _ tokens: Int, _ window: Int) -> Int {
        guard let ratio, ratio < 1 else { return tokens }
        return DominantMerge(ratio: ratio, contextual: contextual, windowTokens: window)
          .keptCount(of: tokens)
      }
      return counts(
        merged(videoRatio, video, windows.grids * prompt.tokensPerGrid),
        random == nil ? merged(audioRatio, audio, windows.audioTokens) : keep(nil, random))
    case .spread(let ratio, let audioRatio, let random):
      return counts(keepCount(ratio, of: video), keep(audioRatio, random))
    case .novelty(let ratio, let random):
      return counts(keepCount(ratio, of: video), keep(nil, random))
    case .audioGuided(let videoRatio, let audioRatio, _, _):
      return counts(keepCount(videoRatio, of: video), keepCount(audioRatio, of: audio))
    case .random(let videoShare, let audioShare):
      return counts(keepCount(videoShare.ratio, of: video), keepCount(audioShare.ratio, of: audio))
    case .remove(let removesVideo, let removesAudio):
      return counts(removesVideo ? 0 : video, removesAudio ? 0 : audio)
    }
  }

  private static func windowed(_ ratio: Double, _ tokens: Int, _ window: Int) -> Int {
    guard window > 0 else { return keepCount(ratio, of: tokens) }
    return windowSizes(tokens, of: window).reduce(0) { $0 + keepCount(ratio, of: $1) }
  }
}

extension BoundaryRule {
  /// Tokens left of `counts`: exact, but for window budgets, whose totals are a wish.
  public func leaving(_ counts: ModalityCounts) -> ModalityCounts {
    switch self {
    case .remove(let video, let audio):
      counts.with(
        video: video ? 0 : counts.video, audio: audio ? 0 : counts.audio)
    case .windows(let video, let audio, _):
      counts.with(
        video: keepCount(video, of: counts.video),
        audio: keepCount(audio, of: counts.audio))
    case .global(let video, let audio, let random):
      counts.with(
        video: keepCount(video ?? 1, of: counts.video),
        audio: keepCount(audio ?? random?.ratio ?? 1, of: counts.audio))
    }
  }
}
