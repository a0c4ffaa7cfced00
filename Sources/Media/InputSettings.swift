import Basics

/// Settings of how a clip is turned into a prompt: frames, sizes, and text around the question. Nil
/// means the value from a source of lower precedence, and finally the published default.
///
/// Sources are the command line, `[input]` of `config.toml` and `clip.toml`, `"input"` of a task,
/// and the form on the screen.
public struct InputSettings: Sendable, Equatable, Codable {
  /// Name of a preset of published evaluation settings; all other settings override it.
  public var preset: String?
  /// Video frames to sample per second.
  public var fps: Double?
  /// Maximum number of frames sampled by `fps`.
  public var maxFrames: Int?
  /// Number of evenly spaced frames to sample, instead of a rate.
  public var frames: Int?
  /// Minimum and maximum number of pixels of one frame, and maximum of all frames together.
  public var minPixels, maxPixels, totalPixels: Int?
  /// System text; empty for an empty system block, nil for the model family's default.
  public var system: String?
  /// A line of text below the question and its choices.
  public var suffix: String?
  /// Whether to ignore audio, and whether to ignore video.
  public var noAudio, noVideo: Bool?
  /// Seconds per temporal grid for rotary positions.
  public var secondsPerGrid: SecondsPerGrid?

  public init() {}

  /// Whether no setting is set.
  public var isEmpty: Bool { self == InputSettings() }

  /// Whether a setting selects frames of a clip directory.
  var samples: Bool { fps != nil || maxFrames != nil || frames != nil }

  /// Combines these settings with those of `lower` precedence. If a rate and a number of frames, or
  /// contradictory bounds, are set, the one of higher precedence is kept.
  public func over(_ lower: InputSettings) -> InputSettings {
    var both = InputSettings()
    both.preset = preset ?? lower.preset
    both.fps = fps ?? (frames == nil ? lower.fps : nil)
    both.frames = frames ?? (fps == nil ? lower.frames : nil)
    both.maxFrames = maxFrames ?? lower.maxFrames
    both.minPixels = minPixels ?? lower.minPixels.flatMap { $0 <= maxPixels ?? .max ? $0 : nil }
    both.maxPixels = maxPixels ?? lower.maxPixels.flatMap { $0 >= minPixels ?? 0 ? $0 : nil }
    both.totalPixels = totalPixels ?? lower.totalPixels
    both.system = system ?? lower.system
    both.suffix = suffix ?? lower.suffix
    both.noAudio = noAudio ?? lower.noAudio
    both.noVideo = noVideo ?? lower.noVideo
    both.secondsPerGrid = secondsPerGrid ?? lower.secondsPerGrid
    return both
  }

  /// Checks for settings that contradict each other.
  /// - Throws: `InputFault`.
  public func check() throws(InputFault) {
    if fps != nil, frames != nil { throw .both(.fps, .frames) }
    if let minPixels, let maxPixels, minPixels > maxPixels {
      throw .pixelBounds(least: minPixels, most: maxPixels)
    }
  }
}

/// Seconds per temporal grid, which determine the time positions of video tokens.
public enum SecondsPerGrid: Sendable, Equatable {
  /// The real duration of two frames at the sampling rate.
  case actual
  /// The default of the published processors: 1 s for Qwen2.5-Omni, 2 s for Qwen3-Omni.
  case published
  /// A given number of seconds, above 0 and up to 3600.
  case seconds(Double)

  static let range = 1e-6...3600.0

  /// Parses `true`, `published` or a number.
  public init?(_ text: String) {
    switch text {
    case "true": self = .actual
    case "published": self = .published
    default:
      guard let seconds = Double(text), Self.range.contains(seconds) else { return nil }
      self = .seconds(seconds)
    }
  }

  public var text: String {
    switch self {
    case .actual: "true"
    case .published: "published"
    case .seconds(let seconds): "\(seconds)"
    }
  }
}

/// Coded in JSON as text.
extension SecondsPerGrid: Codable {
  public init(from decoder: any Decoder) throws {
    let text = try decoder.singleValueContainer().decode(String.self)
    guard let value = SecondsPerGrid(text) else {
      throw DecodingError.dataCorrupted(
        .init(codingPath: decoder.codingPath, debugDescription: "invalid seconds per grid: \(text)")
      )
    }
    self = value
  }

  public func encode(to encoder: any Encoder) throws {
    var single = encoder.singleValueContainer()
    try single.encode(text)
  }
}

/// An error in input settings.
public enum InputFault: Error, Sendable, Equatable {
  /// A setting with the invalid value `found`.
  case value(InputSettings.Field, found: String)
  /// A key that is unknown, or whose value is not a text, number or Boolean.
  case key(String)
  /// Two settings that contradict each other.
  case both(InputSettings.Field, InputSettings.Field)
  case pixelBounds(least: Int, most: Int)
  case unknownPreset(String, known: [String])
}

extension InputFault {
  /// The error as text, with keys as in files: `fps must be …, not 0`.
  public var words: String {
    switch self {
    case .value(let field, let found):
      "\(field.rawValue) must be \(field.expected), not \(found.printable(limit: 80))"
    case .key(let key):
      "\(key) is not an input setting, or not text, a number or a flag; settings: "
        + InputSettings.Field.allCases.map(\.rawValue).joined(separator: ", ")
    case .both(let one, let other): "give \(one.rawValue) or \(other.rawValue), not both"
    case .pixelBounds(let least, let most):
      "min_pixels (\(least)) must not exceed max_pixels (\(most))"
    case .unknownPreset(let name, let known):
      "unknown preset \(name.printable(limit: 80)); presets: "
        + known.joined(separator: ", ")
    }
  }
}
