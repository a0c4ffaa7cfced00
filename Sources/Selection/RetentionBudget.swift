/// The share of tokens to keep per modality, averaged over all decoder layers (the paper's
/// token retention ratio). Fractions: `0.30` keeps 30 %.
public struct RetentionBudget: Sendable {
  public var video: Double { didSet { nominal = nil } }
  public var audio: Double { didSet { nominal = nil } }
  /// The requested nominal retention R, in percent; nil if the ratios were set directly.
  public private(set) var nominal: Double?

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
    let known = pairs.all
    let percent = min(max(percent, 0), 100)
    if let exact = known.first(where: { $0.percent == percent }) {
      self.init(video: exact.video, audio: exact.audio)
    } else {
      let above = known.firstIndex { $0.percent > percent } ?? known.count - 1
      let (low, high) = (known[above - 1], known[above])
      let share = (percent - low.percent) / (high.percent - low.percent)
      self.init(
        video: low.video + share * (high.video - low.video),
        audio: low.audio + share * (high.audio - low.audio))
    }
    nominal = percent
  }

  /// The nominal retention in percent: the requested one, or the one whose pair these ratios are, with
  /// as few digits as possible; nil if they are no pair.
  public func nominalPercent(_ pairs: RetentionPairs) -> Double? {
    if let nominal { return nominal }
    guard let exact = pairs.percent(of: self) else { return nil }
    return [1.0, 10, 100, 1000, 1e6, 1e9].lazy.map { (exact * $0).rounded() / $0 }.first {
      let pair = RetentionBudget(nominalPercent: $0, pairs: pairs)
      return Self.nominalPercents.contains($0) && abs(pair.video - video) < 1e-9
        && abs(pair.audio - audio) < 1e-9
    }
  }
}

/// Budgets with equal ratios are equal, with or without a nominal retention.
extension RetentionBudget: Equatable {
  public static func == (left: RetentionBudget, right: RetentionBudget) -> Bool {
    left.video == right.video && left.audio == right.audio
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

  /// The published pairs, 0 and 100 %.
  fileprivate var all: [Pair] {
    [Pair(percent: 0, video: 0, audio: 0)] + published + [Pair(percent: 100, video: 1, audio: 1)]
  }

  /// The percentage whose pair has the same sum as a budget, which grows with it; nil outside 0…100.
  fileprivate func percent(of budget: RetentionBudget) -> Double? {
    func sum(_ pair: Pair) -> Double { pair.video + pair.audio }
    let wanted = budget.video + budget.audio
    return zip(all, all.dropFirst()).first { sum($0) <= wanted && wanted <= sum($1) }.map {
      $0.percent + (wanted - sum($0)) / (sum($1) - sum($0)) * ($1.percent - $0.percent)
    }
  }

  /// The paper's pairs, also for an unknown family: 10 → 6-35, 15 → 10-45, 25 → 20-55, 35 → 30-65.
  public static let paper = RetentionPairs(
    family: "Qwen2.5-Omni",
    published: [
      .init(percent: 10, video: 0.06, audio: 0.35), .init(percent: 15, video: 0.10, audio: 0.45),
      .init(percent: 25, video: 0.20, audio: 0.55), .init(percent: 35, video: 0.30, audio: 0.65),
    ])
}
