import Basics

/// The raw JSON of `config.json`, to find keys that are not decoded.
struct WrittenConfiguration {
  private let root: [String: JSONValue]
  /// The thinker's part of the file; nil if the file only contains a thinker.
  private let inner: [String: JSONValue]?
  let text: [String: JSONValue]
  private let isFlat: Bool

  /// Reads the raw JSON of a configuration.
  /// - Parameter isFlat: whether the keys of `text_config` are at the thinker's level.
  init(_ file: JSONFile, isFlat: Bool) throws(CheckpointError) {
    self.isFlat = isFlat
    root = try file.decode([String: JSONValue].self)
    inner = root["thinker_config"]?.object
    let thinker = inner ?? root
    text = isFlat ? thinker : thinker["text_config"]?.object ?? [:]
  }

  private var thinker: [String: JSONValue] { inner ?? root }

  /// Rejects unknown keys that may change results.
  func check(_ family: any FamilyDefinition, _ check: ConfigurationValidator)
    throws(CheckpointError)
  {
    let prefix = inner == nil ? "" : "thinker_config."
    if let inner {
      try ConfigurationKeys.root.check(root, at: "", check)
      try ConfigurationKeys.thinker.check(inner, at: prefix, check)
    } else if isFlat {
      try ConfigurationKeys.flat(family).check(root, at: "", check)
    } else {
      try ConfigurationKeys.thinker.check(root, at: "", check)
    }
    if !isFlat { try ConfigurationKeys.text(family).check(text, at: "text_config.", check) }
    let vision = thinker["vision_config"]?.object ?? [:]
    try ConfigurationKeys.vision.check(vision, at: "vision_config.", check)
    if let rotary = vision["rope_parameters"], rotary != .null {
      guard let object = rotary.object else {
        throw check.wrong("vision_config.rope_parameters", rotary.summary, "an object")
      }
      try ConfigurationKeys.visionRotary.check(object, at: "vision_config.rope_parameters.", check)
    }
    let audio = thinker["audio_config"]?.object ?? [:]
    try ConfigurationKeys.audio.check(audio, at: "audio_config.", check)
  }
}
