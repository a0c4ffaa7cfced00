/// Specification of a synthetic clip: figures and sound of each window of two seconds.
///
/// A scene is a few lines of JSON; `samples/training/WORLD.md` specifies its rendering.
/// ```json
/// {"seed": 7, "clutter": 4, "grain": 0, "flicker": false, "hiss": 5,
///  "windows": [{"shapes": [], "sound": {"kind": "silence"}}]}
/// ```
public struct Scene: Codable, Equatable, Sendable {
  /// Seed of all random numbers of the clip.
  public let seed: UInt64
  /// Number of small rectangles on the background.
  public let clutter: Int
  /// Maximum change of a colour channel by noise; 0 for no noise.
  public let grain: Int
  /// Whether each frame has different noise.
  public let flicker: Bool
  /// Amplitude of the background noise of the audio, in ten-thousandths of full scale.
  public let hiss: Int
  /// The windows of the clip in order, two seconds each.
  public let windows: [Window]

  public init(
    seed: UInt64, clutter: Int, grain: Int, flicker: Bool, hiss: Int, windows: [Window]
  ) {
    self.seed = seed
    self.clutter = clutter
    self.grain = grain
    self.flicker = flicker
    self.hiss = hiss
    self.windows = windows
  }
}

extension Scene {
  /// Width and height of a frame in pixels.
  public static let side = 112
  /// Number of frames in one window: two seconds at `framesPerSecond`.
  public static let framesPerWindow = 4
  /// Video frames per second.
  public static let framesPerSecond = 2.0
  /// Audio samples per second.
  public static let sampleRate = 16_000
  /// Number of audio samples in one window.
  public static let samplesPerWindow = 32_000

  /// Duration of the clip in seconds.
  public var seconds: Double { Double(windows.count) * 2 }
  /// Number of frames in the whole clip.
  public var frameCount: Int { windows.count * Self.framesPerWindow }
  /// Number of audio samples in the whole clip.
  public var sampleCount: Int { windows.count * Self.samplesPerWindow }
}

/// A window of two seconds of a scene: figures in drawing order, and one sound event.
public struct Window: Codable, Equatable, Sendable {
  /// The figures of the window, each drawn over the previous ones.
  public let shapes: [Figure]
  /// The sound event of the window.
  public let sound: Sound

  public init(shapes: [Figure], sound: Sound) {
    self.shapes = shapes
    self.sound = sound
  }
}
