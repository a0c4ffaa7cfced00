/// How a clip is to be turned into a prompt: which frames, of what size, with what text around the
/// question. Nil leaves a setting to whoever has less say, and in the end to the published default.
///
/// The same value is read from the command line, from `[input]` of `config.toml` and `clip.toml`,
/// from `"input"` of a task, and typed on the screen.
public struct InputSettings: Sendable, Equatable, Codable {
  /// A name in the list of published evaluation settings; what it says stands below the rest.
  public var preset: String?
  /// Frames sampled per second.
  public var fps: Double?
  /// The most frames that `fps` may give.
  public var maxFrames: Int?
  /// So many frames, evenly spaced, instead of a rate.
  public var frames: Int?
  /// Bounds on the area of one frame, in pixels, and on that of all frames together.
  public var minPixels, maxPixels, totalPixels: Int?
  /// The system text; empty is an empty one, nil the model family's own.
  public var system: String?
  /// A line below the question and its choices.
  public var suffix: String?
  /// Leaves sound, or video, out although it is there.
  public var noAudio, noVideo: Bool?
  /// What one temporal grid stands for in rotary positions.
  public var secondsPerGrid: SecondsPerGrid?

  public init() {}

  /// Nothing is set.
  public var isEmpty: Bool { self == InputSettings() }

  /// Whether something is set that asks for other frames than all of a clip directory's.
  var samples: Bool { fps != nil || maxFrames != nil || frames != nil }

  /// These settings, and those of `lower` where they say nothing. Of a rate and a count of frames
  /// the one with more say counts, and a bound below gives way to a contrary bound above.
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

  /// - Throws: `InputFault` where two settings contradict each other.
  public func check() throws(InputFault) {
    if fps != nil, frames != nil { throw .both(.fps, .frames) }
    if let minPixels, let maxPixels, minPixels > maxPixels {
      throw .pixelBounds(least: minPixels, most: maxPixels)
    }
  }
}

/// What one temporal grid stands for in rotary positions.
public enum SecondsPerGrid: Sendable, Equatable {
  /// As long as its frames last: two frames at the rate they were sampled at.
  case actual
  /// What the published processors assume when nobody tells them the rate: 1 s for Qwen2.5-Omni,
  /// 2 s for Qwen3-Omni.
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

/// As its text, in every file.
extension SecondsPerGrid: Codable {
  public init(from decoder: any Decoder) throws {
    let text = try decoder.singleValueContainer().decode(String.self)
    guard let value = SecondsPerGrid(text) else {
      throw DecodingError.dataCorrupted(
        .init(codingPath: decoder.codingPath, debugDescription: "no seconds per grid: \(text)"))
    }
    self = value
  }

  public func encode(to encoder: any Encoder) throws {
    var single = encoder.singleValueContainer()
    try single.encode(text)
  }
}

/// Why settings cannot be used.
public enum InputFault: Error, Sendable, Equatable {
  /// `found` is none of the values that make sense.
  case value(InputSettings.Field, found: String)
  /// A value of another type than text, number or flag, or of a key that is not known.
  case key(String)
  /// Only one of the two can be followed.
  case both(InputSettings.Field, InputSettings.Field)
  case pixelBounds(least: Int, most: Int)
  case unknownPreset(String, known: [String])
}

extension InputFault {
  /// What is wrong, by the keys of files: `fps should be … and is 0`.
  public var words: String {
    switch self {
    case .value(let field, let found):
      "\(field.rawValue) should be \(field.expected) and is \(found.printable(limit: 80))"
    case .key(let key):
      "\(key) is no setting of the input, or no text, number or flag: the settings are "
        + InputSettings.Field.allCases.map(\.rawValue).joined(separator: ", ")
    case .both(let one, let other): "only one of \(one.rawValue) and \(other.rawValue) can be given"
    case .pixelBounds(let least, let most):
      "min_pixels, \(least), should be at most max_pixels, which is \(most)"
    case .unknownPreset(let name, let known):
      "preset \(name.printable(limit: 80)) is not known: the presets are "
        + known.joined(separator: ", ")
    }
  }
}
