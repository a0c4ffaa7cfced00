import Basics

/// Settings of how a clip becomes a prompt: frames, sizes, and text around the question. Nil: the
/// value of a source of lower precedence, finally the published default.
///
/// Read from the command line, from `[input]` of `config.toml` and `clip.toml`, from `"input"` of a
/// task, and from the form on the screen.
public struct InputSettings: Sendable, Equatable, Codable {
  /// Name of a preset of published evaluation settings; other settings override it.
  public var preset: String?
  /// Frames sampled per second.
  public var fps: Double?
  /// Upper bound on the frames from `fps`.
  public var maxFrames: Int?
  /// Number of evenly spaced frames, instead of a rate.
  public var frames: Int?
  /// Bounds on the area of one frame, in pixels, and on that of all frames together.
  public var minPixels, maxPixels, totalPixels: Int?
  /// The system text; empty: an empty block; nil: the model family's default.
  public var system: String?
  /// A line below the question and its choices.
  public var suffix: String?
  /// Ignores audio, or video.
  public var noAudio, noVideo: Bool?
  /// Seconds per temporal grid in rotary positions.
  public var secondsPerGrid: SecondsPerGrid?

  public init() {}

  /// Whether no setting is set.
  public var isEmpty: Bool { self == InputSettings() }

  /// Whether a setting selects frames of a clip directory.
  var samples: Bool { fps != nil || maxFrames != nil || frames != nil }

  /// These settings, completed by those of `lower`. Of a rate and a number of frames, or of
  /// contradictory bounds, the one of higher precedence is kept.
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

  /// - Throws: `InputFault` if two settings contradict each other.
  public func check() throws(InputFault) {
    if fps != nil, frames != nil { throw .both(.fps, .frames) }
    if let minPixels, let maxPixels, minPixels > maxPixels {
      throw .pixelBounds(least: minPixels, most: maxPixels)
    }
  }
}

/// Seconds per temporal grid in rotary positions.
public enum SecondsPerGrid: Sendable, Equatable {
  /// The duration of two frames at the sampling rate.
  case actual
  /// The default of the published processors: 1 s for Qwen2.5-Omni, 2 s for Qwen3-Omni.
  case published
  /// Above 0 and up to 3600.
  case seconds(Double)

  static let range = 1e-6...3600.0

  /// `true`, `published` or a number.
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

/// Coded as text.
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

/// A fault in input settings.
public enum InputFault: Error, Sendable, Equatable {
  /// An invalid value `found`.
  case value(InputSettings.Field, found: String)
  /// An unknown key, or a value that is neither text, number nor flag.
  case key(String)
  /// Two contradictory settings.
  case both(InputSettings.Field, InputSettings.Field)
  case pixelBounds(least: Int, most: Int)
  case unknownPreset(String, known: [String])
}

extension InputFault {
  /// The fault as text, with the keys of files: `fps should be … and is 0`.
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
