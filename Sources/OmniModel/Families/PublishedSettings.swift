import Selection

/// Settings of the published evaluations of a family.
public struct PublishedSettings: Sendable {
  /// Ratios per nominal retention.
  public let pairs: RetentionPairs
  /// τ of SEATS.
  public let windowTemperature: Float
  /// Drop layers and late layer, by number of decoder layers.
  public let drops: [Int: PublishedDrops]
  /// Depths for which the published drop layers drop nothing.
  public internal(set) var depthsWithoutDrops: Set<Int> = []
  /// The processor's default seconds per temporal grid.
  public let secondsPerGrid: Double
  /// Side of a token, in pixels.
  public let tokenSide: Int
  /// Maximum frames of a video in any evaluation; nil: the benchmark's.
  public internal(set) var frameLimit: Int?
}
