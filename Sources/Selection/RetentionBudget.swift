/// The share of tokens to keep per modality, averaged over all decoder layers (the paper's
/// token retention ratio). Fractions: `0.30` keeps 30 %.
public struct RetentionBudget: Sendable, Equatable, Codable {
  public var video: Double
  public var audio: Double

  public init(video: Double, audio: Double) {
    self.video = video
    self.audio = audio
  }

  /// Minimum nominal retention, in percent.
  public static let leastNominalPercent = 1.0

  /// Range of nominal retentions, in percent.
  public static let nominalPercents = leastNominalPercent...100

  /// The pair of ratios of a nominal retention, in percent, for a model family.
  ///
  /// Values between the published pairs and up to 100 → 100-100 are interpolated, and the lowest
  /// pair is scaled down below it.
  public init(nominalPercent percent: Double, pairs: RetentionPairs = .paper) {
    let known =
      [RetentionPairs.Pair(percent: 0, video: 0, audio: 0)] + pairs.published
      + [RetentionPairs.Pair(percent: 100, video: 1, audio: 1)]
    let percent = min(max(percent, 0), 100)
    if let exact = known.first(where: { $0.percent == percent }) {
      self.init(video: exact.video, audio: exact.audio)
      return
    }
    let above = known.firstIndex { $0.percent > percent } ?? known.count - 1
    let (low, high) = (known[above - 1], known[above])
    let share = (percent - low.percent) / (high.percent - low.percent)
    self.init(
      video: low.video + share * (high.video - low.video),
      audio: low.audio + share * (high.audio - low.audio))
  }
}

/// Pairs of ratios per nominal retention, as published for a model family.
public struct RetentionPairs: Sendable, Equatable {
  /// `percent` → fractions of video and audio.
  public struct Pair: Sendable, Equatable {
    public let percent, video, audio: Double

    public init(percent: Double, video: Double, audio: Double) {
      (self.percent, self.video, self.audio) = (percent, video, audio)
    }
  }

  /// The family's name.
  public let family: String
  /// Ascending, between 0 and 100 percent.
  public let published: [Pair]

  public init(family: String, published: [Pair]) {
    (self.family, self.published) = (family, published)
  }

  /// The paper's pairs, also for an unknown family: 10 → 6-35, 15 → 10-45, 25 → 20-55, 35 → 30-65.
  public static let paper = RetentionPairs(
    family: "Qwen2.5-Omni",
    published: [
      .init(percent: 10, video: 0.06, audio: 0.35), .init(percent: 15, video: 0.10, audio: 0.45),
      .init(percent: 25, video: 0.20, audio: 0.55), .init(percent: 35, video: 0.30, audio: 0.65),
    ])
}
