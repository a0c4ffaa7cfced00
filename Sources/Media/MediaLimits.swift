/// Size limits for the media of a clip.
public struct MediaLimits: Sendable, Equatable {
  /// Maximum size of a picture, in pixels.
  public var pixelsPerFrame = 1 << 26
  /// Maximum memory of all prepared frames, in bytes.
  public var frameBytes = 4 << 30
  /// Maximum size of `audio.wav`, in bytes.
  public var waveformBytes = 1 << 30
  /// Maximum duration of audio, in seconds; longer audio is truncated with a notice.
  public var audioSeconds = 3_600
  /// Maximum size of `clip.toml`, in bytes.
  public var manifestBytes = 1 << 20

  public init() {}
}
