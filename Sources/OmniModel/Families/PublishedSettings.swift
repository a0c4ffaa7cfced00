import Selection

/// What the published evaluations of a family use.
public struct PublishedSettings: Sendable {
  /// What a nominal retention stands for.
  public let pairs: RetentionPairs
  /// τ of SEATS.
  public let windowTemperature: Float
  /// Drop layers and late layer, by the decoder layers of the model they were published for.
  public let drops: [Int: PublishedDrops]
  /// Depths whose published layers come too late to drop anything inside.
  public let depthsWithoutDrops: Set<Int>
  /// Seconds that the processor takes a temporal grid for when it is not told the rate.
  public let secondsPerGrid: Double
  /// Pixels along the side of a token.
  public let tokenSide: Int
  /// The most frames of a video in any evaluation; nil where only the benchmark's count.
  public let frameLimit: Int?

  init(
    pairs: RetentionPairs, windowTemperature: Float, drops: [Int: PublishedDrops],
    depthsWithoutDrops: Set<Int> = [], secondsPerGrid: Double, tokenSide: Int,
    frameLimit: Int? = nil
  ) {
    (self.pairs, self.windowTemperature) = (pairs, windowTemperature)
    (self.drops, self.depthsWithoutDrops) = (drops, depthsWithoutDrops)
    (self.secondsPerGrid, self.tokenSide) = (secondsPerGrid, tokenSide)
    self.frameLimit = frameLimit
  }
}
