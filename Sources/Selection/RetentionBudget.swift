/// The share of tokens to keep per modality, averaged over all decoder layers (the paper's
/// token retention ratio). Fractions: `0.30` keeps 30 %.
public struct RetentionBudget: Sendable, Equatable, Codable {
  public var video: Double
  public var audio: Double

  public init(video: Double, audio: Double) {
    self.video = video
    self.audio = audio
  }

  /// The smallest nominal retention, in percent, that can be asked for.
  public static let leastNominalPercent = 1.0

  /// The nominal retentions that can be asked for, in percent: everywhere the same.
  public static let nominalPercents = leastNominalPercent...100

  /// The budget the paper pairs with a nominal retention, in percent.
  ///
  /// The paper gives 10 → 6-35, 15 → 10-45, 25 → 20-55 and 35 → 30-65; values between them and up
  /// to 100 → 100-100 are interpolated, and below 10 the pair 6-35 is scaled down.
  public init(nominalPercent percent: Double) {
    let known: [(percent: Double, video: Double, audio: Double)] = [
      (0, 0, 0), (10, 0.06, 0.35), (15, 0.10, 0.45), (25, 0.20, 0.55), (35, 0.30, 0.65),
      (100, 1, 1),
    ]
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
