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
  /// Seconds of a temporal grid that the processor assumes without a frame rate; nil if published
  /// code always gives the rate.
  public let secondsPerGrid: Double?
  /// Side of a token, in pixels.
  public let tokenSide: Int
  /// Maximum frames of a video in any evaluation; nil: the benchmark's.
  public internal(set) var frameLimit: Int?
  /// Pixels of a side in which the utilities that read media files count.
  public internal(set) var mediaUnit = 28
  /// Whether the published scripts whose settings presets repeat include this family. Otherwise presets
  /// assume their frames and pixels, and set no system text.
  public internal(set) var isInScripts = true
}
