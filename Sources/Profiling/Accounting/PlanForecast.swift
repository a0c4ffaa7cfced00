import Selection

/// What a plan will do to a prompt, before it runs: token counts after every boundary, and the
/// reference FLOPs that follow. Window budgets may shift the real counts by a few tokens.
public struct PlanForecast: Sendable, Equatable {
  /// Counts that enter layer 1.
  public let entering: ModalityCounts
  /// Counts after each layer's boundary; element l − 1 belongs to layer l.
  public let afterLayer: [ModalityCounts]
  public let referenceFlops: Double
  public let referenceFullFlops: Double

  public var reduction: Double { referenceFullFlops / max(referenceFlops, 1) }

  /// Retention of video and audio together, averaged over all layers.
  public let retention: Double

  public init(_ plan: SelectionPlan, prompt: PromptShape, decoder: DecoderShape) {
    var counts = Self.entering(plan.encoderRule, prompt)
    entering = counts
    var processed: [ModalityCounts] = []
    var after: [ModalityCounts] = []
    for layer in stride(from: 1, through: prompt.layers, by: 1) {
      processed.append(counts)
      counts = Self.counts(after: plan.boundary(afterLayer: layer)?.rule, counts)
      after.append(counts)
    }
    afterLayer = after
    let cost = ReferenceCost(decoder)
    referenceFlops = cost.prefill(tokensPerLayer: processed.map(\.total), final: counts.total)
    referenceFullFlops = cost.full(tokens: prompt.counts.total)
    let droppable = (prompt.counts.video + prompt.counts.audio) * prompt.layers
    let kept = processed.reduce(0) { $0 + $1.video + $1.audio }
    retention = droppable > 0 ? Double(kept) / Double(droppable) : 1
  }

  private static func entering(_ rule: EncoderRule?, _ prompt: PromptShape) -> ModalityCounts {
    var counts = prompt.counts
    switch rule {
    case nil: break
    case .diversity(let video, let audio, let windows):
      counts.video = windowed(
        counts.video, windows.grids * prompt.tokensPerGrid
      ) { share(video, of: $0) }
      counts.audio = windowed(counts.audio, windows.audioTokens) { share(audio, of: $0) }
    case .dominant(let video, let audio, _, _, let randomAudio):
      if let video { counts.video = share(video, of: counts.video) }
      if let audio { counts.audio = share(audio, of: counts.audio) }
      if let randomAudio { counts.audio = share(randomAudio.ratio, of: counts.audio) }
    case .random(let video, let audio):
      counts.video = share(video.ratio, of: counts.video)
      counts.audio = share(audio.ratio, of: counts.audio)
    case .remove(let video, let audio):
      counts = without(video: video, audio: audio, counts)
    }
    return counts
  }

  private static func counts(
    after rule: BoundaryRule?, _ counts: ModalityCounts
  ) -> ModalityCounts {
    switch rule {
    case nil: counts
    case .remove(let video, let audio): without(video: video, audio: audio, counts)
    case .windows(let video, let audio, _):
      ModalityCounts(
        text: counts.text, video: share(video, of: counts.video),
        audio: share(audio, of: counts.audio))
    case .global(let video, let audio, let randomAudio):
      ModalityCounts(
        text: counts.text, video: video.map { share($0, of: counts.video) } ?? counts.video,
        audio: (audio ?? randomAudio?.ratio).map { share($0, of: counts.audio) } ?? counts.audio)
    }
  }

  private static func without(
    video: Bool, audio: Bool, _ counts: ModalityCounts
  ) -> ModalityCounts {
    ModalityCounts(
      text: counts.text, video: video ? 0 : counts.video, audio: audio ? 0 : counts.audio)
  }

  /// At least one of a modality that is there, never more than there is.
  private static func share(_ ratio: Double, of tokens: Int) -> Int {
    guard tokens > 0 else { return 0 }
    return min(tokens, max(1, Int((ratio * Double(tokens)).rounded(.toNearestOrEven))))
  }

  private static func windowed(_ tokens: Int, _ size: Int, _ kept: (Int) -> Int) -> Int {
    guard size > 0 else { return kept(tokens) }
    let rest = tokens % size
    return tokens / size * kept(size) + (rest > 0 ? kept(rest) : 0)
  }
}
