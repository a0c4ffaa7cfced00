import Selection

/// Settings of the published SEATS evaluations of a model family.
public struct PublishedSettings: Sendable {
  /// Retention ratios of video and audio, by nominal retention.
  public let pairs: RetentionPairs
  /// Softmax temperature τ of SEATS for window weights.
  public let windowTemperature: Float
  /// Drop layers and late layer, by number of decoder layers.
  public let drops: [Int: PublishedDrops]
  /// Numbers of decoder layers for which the published scripts drop nothing.
  public internal(set) var depthsWithoutDrops: Set<Int> = []
  /// Seconds per temporal grid that the processor assumes if the frame rate is unknown; nil if
  /// published code always passes the rate.
  public let secondsPerGrid: Double?
  /// Side of a vision token, in pixels.
  public let tokenSide: Int
  /// Maximum number of video frames in any evaluation; nil for the benchmark's limit.
  public internal(set) var frameLimit: Int?
  /// Multiple of pixels to which `qwen_omni_utils` rounds the sides of frames in media files.
  public internal(set) var mediaUnit = 28
  /// Whether the published evaluation scripts include this model family. If not, presets assume
  /// their frames and pixels, and set no system text.
  public internal(set) var isInScripts = true
}
