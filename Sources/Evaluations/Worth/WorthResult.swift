import Selection

/// Results of a worth study of one prompt, complete or not.
public struct WorthResult: Sendable, Equatable, Encodable {
  /// A window, the measures of methods for it, and the effect of leaving it out.
  public struct Window: Sendable, Equatable, Encodable {
    /// The modality; of a span with both, video.
    public let modality: Modality
    /// Index of the clip in the prompt, and of the window among those of its modality, from 0.
    public let clip, index: Int
    /// The tokens of the window, as text: `video:1-32`.
    public let tokens: TokenList
    /// Start of the window in its clip, in seconds; nil if unknown.
    public let seconds: Double?
    /// Number of its tokens that enter the study's layer in the unmodified run.
    public let present: Int
    /// Sum of each measure over the window's tokens, by name; nil for tokens that are not there.
    public let importance: [String: Double]
    /// Effect of leaving the window out; nil until it is measured.
    public var effect: Effect?
  }

  /// Effect of leaving out tokens.
  public struct Effect: Sendable, Equatable, Encodable {
    /// KL(unmodified ‖ without the tokens) of the first answer token, in nats.
    public let divergence: Double
    public let answer: String
    /// Whether the answer has the same token ids as the unmodified run.
    public let isSame: Bool
    /// Whether the answer is right; nil if no right answer is known.
    public let isRight: Bool?
    /// FLOPs of the partial prefill as counted in the paper's figures, and executed ones; 0 if no
    /// token was left to leave out.
    public let referenceFlops, executedFlops: Double
  }

  /// First decoder layer without the window, counted from 1.
  public let fromLayer: Int
  /// The unmodified run: `full tokens`, or the method of its plan.
  public let base: String
  /// Answer of the unmodified run, and whether it is right; nil if no right answer is known.
  public let answer: String
  public let isRight: Bool?
  public let cost: WorthCost
  /// Names of the measures in `importance`, in order.
  public let measures: [String]
  public internal(set) var windows: [Window]

  public var measured: Int { windows.count { $0.effect != nil } }
  public var isComplete: Bool { measured == windows.count }

  /// Which windows a rank correlation is about.
  public enum Scope: String, Sendable, CaseIterable, Codable {
    case all, video, audio

    func includes(_ modality: Modality) -> Bool {
      self == .all || modality.rawValue == rawValue
    }
  }

  /// Spearman's ρ of a measure and the divergence over the measured windows; nil if it is undefined.
  /// Divergences are compared to 10⁻⁶ nats, because smaller differences are rounding errors.
  public func correlation(_ measure: String, _ scope: Scope) -> Double? {
    let pairs = windows.filter { scope.includes($0.modality) }.compactMap { window in
      window.effect.flatMap { effect in
        window.importance[measure].map { ($0, (effect.divergence * 1e6).rounded()) }
      }
    }
    return RankCorrelation.spearman(pairs.map(\.0), pairs.map(\.1))
  }
}
