import Runs
import Selection

/// Cost of a worth study, known before its trials run. The unmodified run is not included.
public struct WorthCost: Sendable, Equatable, Codable {
  /// Number of prefills that start before the study's layer; windows without remaining tokens need
  /// none.
  public let partialPrefills: Int
  /// FLOPs of these prefills, counted as in the paper's figures; nil if a size is unknown. Exact
  /// for full tokens; under a plan, drops after the study's layer may differ by a few tokens.
  public let referenceFlops: Double?
  /// Estimated seconds, from measured times of layers, output head and decoding; nil if none are
  /// known.
  public let seconds: Double?

  /// Measured time of some decoder layers and the output head, with the tokens that they processed.
  public struct Measured: Sendable, Equatable {
    public var seconds, referenceFlops: Double
    /// Seconds of decoding one answer.
    public var decodingSeconds: Double

    public init(seconds: Double, referenceFlops: Double, decodingSeconds: Double = 0) {
      (self.seconds, self.referenceFlops) = (seconds, referenceFlops)
      self.decodingSeconds = decodingSeconds
    }
  }

  /// The cost of trials on a prompt.
  /// - Parameters:
  ///   - left: token counts that enter the study's layer, one per trial.
  ///   - plan: plan of the unmodified run.
  public init(
    _ left: [ModalityCounts], _ plan: SelectionPlan, from layer: Int, _ cost: ReferenceCost,
    measured: Measured?
  ) {
    let shape = cost.shape
    partialPrefills = left.count
    guard shape.hasLayerSizes, shape.hasHeadSizes else {
      (referenceFlops, seconds) = (nil, nil)
      return
    }
    let flops = left.reduce(0.0) { sum, counts in
      var (counts, sum) = (counts, sum)
      for layer in stride(from: layer, through: shape.layers, by: 1) {
        sum += cost.layer(tokens: counts.total)
        counts = plan.boundary(afterLayer: layer)?.rule.leaving(counts) ?? counts
      }
      return sum + cost.head(tokens: counts.total)
    }
    referenceFlops = flops
    seconds = measured.flatMap { measured in
      guard measured.referenceFlops > 0 else { return nil }
      return flops * measured.seconds / measured.referenceFlops
        + Double(left.count) * measured.decodingSeconds
    }
  }

  private init(_ partialPrefills: Int, _ referenceFlops: Double?, _ seconds: Double?) {
    (self.partialPrefills, self.referenceFlops) = (partialPrefills, referenceFlops)
    self.seconds = seconds
  }

  /// The cost of a study with full tokens, before its unmodified run.
  public init(
    _ request: WorthRequest, _ prompt: PromptShape, _ cost: ReferenceCost, measured: Measured?
  ) {
    let windows = MediaWindow.all(in: prompt, request.windows)
    self.init(
      windows.map { prompt.counts.without($0.tokens) }, .full, from: request.layer, cost,
      measured: measured)
  }

  /// The sum of two costs; a part that is unknown in one is unknown in the sum.
  public static func + (left: WorthCost, right: WorthCost) -> WorthCost {
    func sum(_ part: (WorthCost) -> Double?) -> Double? {
      part(left).flatMap { one in part(right).map { one + $0 } }
    }
    return WorthCost(
      left.partialPrefills + right.partialPrefills, sum(\.referenceFlops), sum(\.seconds))
  }
}

extension ModalityCounts {
  /// Token counts without the tokens of a list.
  func without(_ tokens: TokenList) -> ModalityCounts {
    with(video: video - tokens.video.count, audio: audio - tokens.audio.count)
  }
}
