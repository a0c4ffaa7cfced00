/// The share of tokens to keep per modality, averaged over all decoder layers: the paper's token
/// retention ratio. A fraction: `0.30` keeps 30 %.
public struct RetentionBudget: Sendable {
  public var video: Double { didSet { nominal = nil } }
  public var audio: Double { didSet { nominal = nil } }
  /// The nominal retention R that was requested, in percent; nil if the ratios were set directly.
  public private(set) var nominal: Double?

  public init(video: Double, audio: Double) {
    self.video = video
    self.audio = audio
  }

  /// Minimum nominal retention, in percent.
  public static let leastNominalPercent = 1.0

  /// Valid range of the nominal retention, in percent.
  public static let nominalPercents = leastNominalPercent...100

  /// The video and audio ratios for a nominal retention in percent, for a model family.
  ///
  /// Values between the published pairs, and between the highest pair and 100 → 100-100, are
  /// interpolated. Below the lowest pair, its ratios are scaled down.
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

  /// The nominal retention in percent: the requested one, or the one that gives these ratios, with
  /// as few digits as possible; nil if there is none.
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

/// Budgets are equal if their ratios are equal, whether or not they have a nominal retention.
extension RetentionBudget: Equatable {
  public static func == (left: RetentionBudget, right: RetentionBudget) -> Bool {
    left.video == right.video && left.audio == right.audio
  }
}

/// Published pairs of video and audio ratios per nominal retention, for a model family.
public struct RetentionPairs: Sendable, Equatable {
  /// A nominal retention in percent with the fractions of video and audio to keep.
  public struct Pair: Sendable, Equatable {
    public let percent, video, audio: Double

    public init(percent: Double, video: Double, audio: Double) {
      (self.percent, self.video, self.audio) = (percent, video, audio)
    }
  }

  /// Name of the model family.
  public let family: String
  /// Published pairs in ascending order, between 0 and 100 percent.
  public let published: [Pair]

  public init(family: String, published: [Pair]) {
    (self.family, self.published) = (family, published)
  }

  /// The published pairs, with 0 and 100 % added.
  fileprivate var all: [Pair] {
    [Pair(percent: 0, video: 0, audio: 0)] + published + [Pair(percent: 100, video: 1, audio: 1)]
  }

  /// The percentage whose pair has the same sum of ratios as a budget; the sum increases with the
  /// percentage. Nil outside 0…100.
  fileprivate func percent(of budget: RetentionBudget) -> Double? {
    func sum(_ pair: Pair) -> Double { pair.video + pair.audio }
    let wanted = budget.video + budget.audio
    return zip(all, all.dropFirst()).first { sum($0) <= wanted && wanted <= sum($1) }.map {
      $0.percent + (wanted - sum($0)) / (sum($1) - sum($0)) * ($1.percent - $0.percent)
    }
  }

  /// The paper's pairs, also used for unknown model families: 10 → 6-35, 15 → 10-45, 25 → 20-55, 35
  /// → 30-65.
  public static let paper = RetentionPairs(
    family: "Qwen2.5-Omni",
    published: [
      .init(percent: 10, video: 0.06, audio: 0.35), .init(percent: 15, video: 0.10, audio: 0.45),
      .init(percent: 25, video: 0.20, audio: 0.55), .init(percent: 35, video: 0.30, audio: 0.65),
    ])
}
