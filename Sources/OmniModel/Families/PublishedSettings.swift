import Selection

/// What the published evaluations of a family use.
public struct PublishedSettings: Sendable {
  /// What a nominal retention stands for.
  public let pairs: RetentionPairs
  /// τ of SEATS.
  public let windowTemperature: Float
  /// Drop layers and late layer, by the decoder layers of the model they were published for.
  public let drops: [Int: PublishedDrops]
  /// Depths whose published layers drop nothing inside.
  public internal(set) var depthsWithoutDrops: Set<Int> = []
  /// Seconds that the processor takes a temporal grid for when it is not told the rate.
  public let secondsPerGrid: Double
  /// Pixels along the side of a token.
  public let tokenSide: Int
  /// The most frames of a video in any evaluation; nil where only the benchmark's count.
  public internal(set) var frameLimit: Int?
}
