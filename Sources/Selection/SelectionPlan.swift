/// What is dropped where: the only thing the engine knows of a selection method.
public struct SelectionPlan: Sendable, Equatable, Codable {
  public let method: SelectionMethod
  /// The rule applied between the encoders and layer 1; nil lets every token in.
  public let encoderRule: EncoderRule?
  /// Inner drops and the removal, ascending by layer, at most one per layer.
  public let boundaries: [LayerBoundary]
  /// What was decided where the request could not be met to the letter.
  public let notes: [String]

  public init(
    method: SelectionMethod, encoderRule: EncoderRule?, boundaries: [LayerBoundary],
    notes: [String]
  ) {
    self.method = method
    self.encoderRule = encoderRule
    self.boundaries = boundaries
    self.notes = notes
  }

  /// Every token through every layer.
  public static let full = SelectionPlan(
    method: .full, encoderRule: nil, boundaries: [], notes: [])

  /// What happens after layer `layer` (counted from 1), if anything.
  public func boundary(afterLayer layer: Int) -> LayerBoundary? {
    boundaries.first { $0.afterLayer == layer }
  }

  /// The layer after which every video and audio token goes, if there is one.
  public var removalLayer: Int? {
    boundaries.first { $0.rule == .removeNonText }?.afterLayer
  }

  /// Layers after which tokens are chosen, ascending.
  public var dropLayers: [Int] {
    boundaries.filter { if case .remove = $0.rule { false } else { true } }.map(\.afterLayer)
  }

  /// The first step whose outcome differs from that of `other`: 0 for the encoder rule, l for the
  /// boundary after layer l, nil when both do the same to every token.
  public func firstDifference(from other: SelectionPlan) -> Int? {
    if encoderRule != other.encoderRule { return 0 }
    let layers = Set(boundaries.map(\.afterLayer) + other.boundaries.map(\.afterLayer)).sorted()
    return layers.first { boundary(afterLayer: $0) != other.boundary(afterLayer: $0) }
  }
}

/// The rule of a Stage I selection, before the first layer.
public enum EncoderRule: Sendable, Equatable, Codable {
  /// SEATS Stage I: windowed, attention-weighted max-min diversity.
  case diversity(video: Double, audio: Double, windows: SelectionWindows)
  /// VisionZip: the tokens with most attention, plus anchors that absorb the rest. A nil ratio
  /// leaves the modality whole; `randomAudio` keeps a random share instead.
  case dominant(
    video: Double?, audio: Double?, contextual: Double, windows: SelectionWindows,
    randomAudio: RandomShare?)
  /// DivPrune: tokens far apart from each other. A nil ratio leaves the audio whole; `randomAudio`
  /// keeps a random share instead.
  case spread(video: Double, audio: Double?, randomAudio: RandomShare?)
  /// DyCoke: what changes from grid to grid. Audio stays whole, or a random share of it does.
  case novelty(video: Double, randomAudio: RandomShare?)
  /// OmniZip: audio decides how much video each window keeps.
  case audioGuided(video: Double, audio: Double, contextual: Double, windows: SelectionWindows)
  /// Tokens drawn uniformly from each modality.
  case random(video: RandomShare, audio: RandomShare)
  /// No token of the modalities named enters the first layer.
  case remove(video: Bool, audio: Bool)
}

/// A uniformly random share of a modality.
public struct RandomShare: Sendable, Equatable, Codable {
  public var ratio: Double
  public var seed: UInt64

  public init(ratio: Double, seed: UInt64) {
    self.ratio = ratio
    self.seed = seed
  }
}

/// The lengths of temporal windows.
public struct SelectionWindows: Sendable, Equatable, Codable {
  /// Temporal grids per video window (`grid_in_window`).
  public var grids: Int
  /// Seconds per audio window (`sec_in_audio_window`).
  public var audioSeconds: Int

  public init(grids: Int = 2, audioSeconds: Int = 2) {
    self.grids = grids
    self.audioSeconds = audioSeconds
  }

  /// Audio tokens in a selection window: 25 per second for every model family, as the reference
  /// has it.
  public var audioTokens: Int { 25 * audioSeconds }
}

/// A decision taken after a decoder layer has run.
public struct LayerBoundary: Sendable, Equatable, Codable {
  /// Counted from 1.
  public let afterLayer: Int
  public let rule: BoundaryRule

  public init(afterLayer: Int, rule: BoundaryRule) {
    self.afterLayer = afterLayer
    self.rule = rule
  }
}

/// What a layer boundary does to the video and audio tokens.
public enum BoundaryRule: Sendable, Equatable, Codable {
  /// SEATS Stage II: budgets over temporal windows and modalities, top-down by relevance.
  case windows(video: Double, audio: Double, temperature: Float)
  /// The most relevant tokens of each modality, over the whole sequence. A nil ratio leaves the
  /// modality whole; `randomAudio` keeps a random share instead.
  case global(video: Double?, audio: Double?, randomAudio: RandomShare?)
  /// No token of the modalities named survives.
  case remove(video: Bool, audio: Bool)

  /// SEATS Stage III: no video or audio token survives.
  public static let removeNonText = BoundaryRule.remove(video: true, audio: true)
}

extension EncoderRule {
  /// Shares of video and audio that enter the first layer.
  public var ratios: RetentionBudget {
    switch self {
    case .diversity(let video, let audio, _): RetentionBudget(video: video, audio: audio)
    case .dominant(let video, let audio, _, _, let random):
      RetentionBudget(video: video ?? 1, audio: audio ?? random?.ratio ?? 1)
    case .spread(let video, let audio, let random):
      RetentionBudget(video: video, audio: audio ?? random?.ratio ?? 1)
    case .novelty(let video, let random):
      RetentionBudget(video: video, audio: random?.ratio ?? 1)
    case .audioGuided(let video, let audio, _, _): RetentionBudget(video: video, audio: audio)
    case .random(let video, let audio):
      RetentionBudget(video: video.ratio, audio: audio.ratio)
    case .remove(let video, let audio):
      RetentionBudget(video: video ? 0 : 1, audio: audio ? 0 : 1)
    }
  }
}
