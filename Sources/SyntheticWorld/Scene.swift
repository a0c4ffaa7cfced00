/// Specification of a synthetic clip: figures and sound of each window of two seconds.
///
/// A scene is a few lines of JSON; `samples/training/WORLD.md` specifies its rendering.
/// ```json
/// {"seed": 7, "clutter": 4, "grain": 0, "flicker": false, "hiss": 5,
///  "windows": [{"shapes": [], "sound": {"kind": "silence"}}]}
/// ```
public struct Scene: Codable, Equatable, Sendable {
  /// Seeds every random number of the clip.
  public let seed: UInt64
  /// Number of small rectangles on the background.
  public let clutter: Int
  /// The largest change that noise makes to a channel; 0 for none.
  public let grain: Int
  /// Whether each frame has its own grain.
  public let flicker: Bool
  /// Loudness of the background noise, in ten-thousandths of full scale.
  public let hiss: Int
  /// Windows of two seconds.
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
  /// Frames in one window: two seconds at `framesPerSecond`.
  public static let framesPerWindow = 4
  /// Frames in one second.
  public static let framesPerSecond = 2.0
  /// Samples in one second of sound.
  public static let sampleRate = 16_000
  /// Samples in one window.
  public static let samplesPerWindow = 32_000

  /// Length of the clip in seconds.
  public var seconds: Double { Double(windows.count) * 2 }
  /// Frames in the whole clip.
  public var frameCount: Int { windows.count * Self.framesPerWindow }
  /// Samples in the whole clip.
  public var sampleCount: Int { windows.count * Self.samplesPerWindow }
}

/// Two seconds of a scene: the figures in drawing order, and one sound event.
public struct Window: Codable, Equatable, Sendable {
  /// The figures, drawn one over the other.
  public let shapes: [Figure]
  /// The sound.
  public let sound: Sound

  public init(shapes: [Figure], sound: Sound) {
    self.shapes = shapes
    self.sound = sound
  }
}
