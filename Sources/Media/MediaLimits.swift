/// How much a clip may ask of the machine before it is refused.
public struct MediaLimits: Sendable, Equatable {
  /// The largest picture that is decoded, in pixels.
  public var pixelsPerFrame = 1 << 26
  /// All frames kept in memory together (after `prepareFrame`), in bytes.
  public var frameBytes = 4 << 30
  /// The largest `audio.wav` that is read, in bytes.
  public var waveformBytes = 1 << 30
  /// How much sound of a media file is decoded; the rest is cut off and the audit says so.
  public var audioSeconds = 3_600
  /// The largest `clip.toml` that is read, in bytes.
  public var manifestBytes = 1 << 20

  public init() {}
}
