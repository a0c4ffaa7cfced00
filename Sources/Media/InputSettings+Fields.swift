extension InputSettings {
  /// An input setting, by its key in files; with dashes it is the name of the option.
  public enum Field: String, Sendable, CaseIterable {
    case preset, fps
    case maxFrames = "max_frames"
    case frames
    case minPixels = "min_pixels"
    case maxPixels = "max_pixels"
    case totalPixels = "total_pixels"
    case system, suffix
    case noAudio = "no_audio"
    case noVideo = "no_video"
    case secondsPerGrid = "seconds_per_grid"

    /// Name of the command-line option, such as `--max-frames`.
    public var option: String { "--" + rawValue.replacing("_", with: "-") }

    /// Description of valid values, with range and unit, for error messages.
    public var expected: String {
      switch self {
      case .preset: "a preset name"
      case .fps: "a rate above 0 and up to 1000 frames per second"
      case .maxFrames, .frames: "a count from 2 to 100000"
      case .minPixels, .maxPixels, .totalPixels: "an area from 1 to 1099511627776 pixels"
      case .system, .suffix: "text of at most 1 MiB"
      case .noAudio, .noVideo: "true or false"
      case .secondsPerGrid: "true, published, or seconds above 0 and up to 3600"
      }
    }
  }

  static let rates = 1e-6...1000.0
  static let counts = 2...100_000
  static let areas = 1...1 << 40
  /// Maximum size of a system text or suffix, in bytes.
  public static let textLimit = 1 << 20

  /// Parses one setting from text; used for the command line, files and the screen.
  /// - Throws: `InputFault`.
  public mutating func set(_ field: Field, to text: String) throws(InputFault) {
    let fault = InputFault.value(field, found: text)
    func number<Value>(_ value: Value?, in range: ClosedRange<Value>) throws(InputFault) -> Value {
      guard let value, range.contains(value) else { throw fault }
      return value
    }
    func flag() throws(InputFault) -> Bool {
      guard let flag = Bool(text) else { throw fault }
      return flag
    }
    func words() throws(InputFault) -> String {
      guard text.utf8.count <= Self.textLimit, !text.utf8.contains(0) else {
        throw .value(field, found: "\(text.utf8.count) bytes")
      }
      return text
    }
    switch field {
    case .preset: preset = text
    case .fps: fps = try number(Double(text), in: Self.rates)
    case .maxFrames: maxFrames = try number(Int(text), in: Self.counts)
    case .frames: frames = try number(Int(text), in: Self.counts)
    case .minPixels: minPixels = try number(Int(text), in: Self.areas)
    case .maxPixels: maxPixels = try number(Int(text), in: Self.areas)
    case .totalPixels: totalPixels = try number(Int(text), in: Self.areas)
    case .system: system = try words()
    case .suffix: suffix = try words()
    case .noAudio: noAudio = try flag()
    case .noVideo: noVideo = try flag()
    case .secondsPerGrid:
      guard let seconds = SecondsPerGrid(text) else { throw fault }
      secondsPerGrid = seconds
    }
  }

  /// The setting as text; nil if it is not set.
  public func text(_ field: Field) -> String? {
    switch field {
    case .preset: preset
    case .fps: fps.map { $0 == $0.rounded() ? "\(Int($0))" : "\($0)" }
    case .maxFrames: maxFrames.map { "\($0)" }
    case .frames: frames.map { "\($0)" }
    case .minPixels: minPixels.map { "\($0)" }
    case .maxPixels: maxPixels.map { "\($0)" }
    case .totalPixels: totalPixels.map { "\($0)" }
    case .system: system
    case .suffix: suffix
    case .noAudio: noAudio.map { "\($0)" }
    case .noVideo: noVideo.map { "\($0)" }
    case .secondsPerGrid: secondsPerGrid?.text
    }
  }

  /// All settings that are set, as text, in the order of the fields.
  public var entries: [(field: Field, text: String)] {
    Field.allCases.compactMap { field in text(field).map { (field, $0) } }
  }

  /// All settings that are set, as text, by their keys in files.
  public var byKey: [String: String] {
    Dictionary(uniqueKeysWithValues: entries.map { ($0.field.rawValue, $0.text) })
  }
}

/// Reads settings from a table in a file: values by key, each a text, number or Boolean.
extension InputSettings {
  public init(_ values: [(key: String, text: String?)]) throws(InputFault) {
    self.init()
    for (key, text) in values {
      guard let field = Field(rawValue: key), let text else { throw .key(key) }
      try set(field, to: text)
    }
    try check()
  }
}
