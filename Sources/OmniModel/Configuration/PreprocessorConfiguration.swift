import Basics

/// Settings for preprocessing images, video and audio, read from a checkpoint's preprocessor files.
struct PreprocessorConfiguration: Sendable {
  let image, video: PixelScale
  /// Bounds on the number of pixels of an image after resizing.
  let imagePixels: PixelBounds
  /// Pixel bounds of a video; nil for the published processor's bounds of each frame.
  let videoPixels: VideoPixels?
  /// Maximum duration of audio, in seconds; longer audio is truncated.
  let audioSeconds: Int
  /// Facts for the audit: files and keys that determined the settings.
  let facts: [CheckpointFact]

  /// The published processor's pixel bounds of a video frame, independent of the checkpoint.
  static func videoPixels(factor: Int) -> PixelBounds {
    PixelBounds(least: 128 * factor * factor, most: 768 * factor * factor)
  }

  /// Published settings of a model family, for models without preprocessor files.
  static func published(_ family: any FamilyDefinition) -> PreprocessorConfiguration {
    let published = family.preprocessing
    return PreprocessorConfiguration(
      image: published.scale, video: published.scale, imagePixels: published.imagePixels,
      videoPixels: published.videoPixels.published(published.imagePixels),
      audioSeconds: publishedSeconds, facts: [])
  }

  /// Maximum duration of audio in published checkpoints, in seconds; also the default.
  static let publishedSeconds = 300

  private init(
    image: PixelScale, video: PixelScale, imagePixels: PixelBounds, videoPixels: VideoPixels?,
    audioSeconds: Int, facts: [CheckpointFact]
  ) {
    (self.image, self.video) = (image, video)
    (self.imagePixels, self.videoPixels) = (imagePixels, videoPixels)
    self.audioSeconds = audioSeconds
    self.facts = facts
  }

  /// Reads the preprocessor files of a checkpoint; missing keys have transformers' defaults.
  /// - Throws: `CheckpointError` for unknown keys or contradictory files.
  init(directory: String, _ configuration: OmniConfiguration) throws(CheckpointError) {
    let files = try PreprocessorFiles(directory: directory)
    guard !files.isEmpty else {
      let published = Self.published(configuration.definition)
      self = PreprocessorConfiguration(
        image: published.image, video: published.video, imagePixels: published.imagePixels,
        videoPixels: published.videoPixels, audioSeconds: published.audioSeconds,
        facts: [
          CheckpointFact(
            "preprocessing",
            "published settings of \(configuration.family.rawValue): found neither "
              + "processor_config.json nor preprocessor_config.json", isWarning: true)
        ])
      return
    }
    let family = configuration.definition
    let rules = PreprocessorKeys.vision(configuration.vision, family.preprocessing)
    for part in files.image + files.video { try part.check(rules) }
    if let audio = configuration.audio, let sound = family.audio {
      let rules = PreprocessorKeys.sound(audio, sound)
      for part in files.sound { try part.check(rules) }
    }

    image = try Self.agreed(files.image, "image_mean, image_std", .clip) {
      part throws(CheckpointError) in try PixelScale(part)
    }
    let absentScale = family.preprocessing.absentVideoScale
    video = try Self.agreed(files.video, "image_mean, image_std", absentScale) {
      part throws(CheckpointError) in try PixelScale(part, absent: absentScale)
    }
    imagePixels = try Self.agreed(
      files.image, "pixel bounds", .standard
    ) { part throws(CheckpointError) in try PixelBounds(part) }
    let videoFacts: [CheckpointFact]
    (videoPixels, videoFacts) = try Self.videoPixels(files, family)
    audioSeconds = try Self.agreed(files.sound, "chunk_length", Self.publishedSeconds) {
      part throws(CheckpointError) in try part.seconds(family)
    }
    facts = Self.facts(files, image, video, imagePixels, audioSeconds, family) + videoFacts
  }

  /// Pixel bounds of videos, and audit facts on the file and keys that state them.
  private static func videoPixels(
    _ files: PreprocessorFiles, _ family: any FamilyDefinition
  ) throws(CheckpointError) -> (VideoPixels?, [CheckpointFact]) {
    let absent: PixelBounds
    let isShared: Bool
    switch family.preprocessing.videoPixels {
    case .fixed: return (nil, [])
    case .ofFrame(let bounds): (absent, isShared) = (bounds, false)
    case .ofVideo(let bounds, _): (absent, isShared) = (bounds, true)
    }
    let bounds = try agreed(files.video, "pixel bounds of videos", absent) {
      part throws(CheckpointError) in
      try PixelBounds(part, absent: absent, readsPixelKeys: !isShared)
    }
    let pixels = VideoPixels(bounds: bounds, isShared: isShared)
    let says = files.video.first.map { part in
      part["size"] != nil || !isShared && (part["min_pixels"] ?? part["max_pixels"]) != nil
        ? " from \(part.name)"
        : ": transformers' default, since \(part.name) does not state them"
    }
    var facts = [
      CheckpointFact(
        "video pixels", "\(pixels)\(says ?? ": transformers' default, since no file states them")")
    ]
    if isShared, let part = files.video.first,
      let key = ["min_pixels", "max_pixels"].first(where: { part[$0] != nil })
    {
      facts.append(
        CheckpointFact(
          "video pixels", "\(key) of \(part.name) is not read for videos, as in transformers",
          isWarning: true))
    }
    return (pixels, facts)
  }

  /// The value that all preprocessor parts state; throws if they differ.
  private static func agreed<Value: Equatable>(
    _ parts: [PreprocessorPart], _ key: String, _ standard: Value,
    _ read: (PreprocessorPart) throws(CheckpointError) -> Value
  ) throws(CheckpointError) -> Value {
    guard let first = parts.first else { return standard }
    let value = try read(first)
    for other in parts.dropFirst() {
      let found = try read(other)
      guard found == value else {
        throw .contradiction(
          first: "\(key) \(value)", second: "\(found) of \(other.path)", path: first.path)
      }
    }
    return value
  }

  private static func facts(
    _ files: PreprocessorFiles, _ image: PixelScale, _ video: PixelScale, _ bounds: PixelBounds,
    _ seconds: Int, _ family: any FamilyDefinition
  ) -> [CheckpointFact] {
    func source(_ parts: [PreprocessorPart], _ keys: String...) -> String {
      guard let part = parts.first else { return "no file, transformers' defaults used" }
      let says = keys.contains { part[$0] != nil }
      return says ? part.name : "\(part.name), with transformers' defaults"
    }
    var facts = [
      CheckpointFact(
        "pixels",
        "images of \(bounds) pixels from "
          + source(files.image, "min_pixels", "max_pixels", "size") + "; mean \(image.mean.plain), "
          + "deviation \(image.deviation.plain) from "
          + source(files.image, "image_mean", "image_std")),
      CheckpointFact(
        "video pixels",
        "mean \(video.mean.plain), deviation \(video.deviation.plain) from "
          + source(files.video, "image_mean", "image_std")),
    ]
    guard family.audio != nil else { return facts }
    let limit: String
    if let part = files.sound.first, let written = part["chunk_length"]?.integer,
      written < seconds, part.isTogether
    {
      limit =
        "\(seconds) s: chunk_length \(written) of \(part.name) is a saved default, not a limit "
        + "of \(family.family.rawValue)"
    } else if files.sound.first?["chunk_length"] != nil {
      limit = "\(seconds) s from chunk_length of \(source(files.sound, "chunk_length"))"
    } else {
      limit = "\(seconds) s, as published: no chunk_length in the files"
    }
    facts.append(CheckpointFact("longest audio", limit))
    return facts
  }
}

extension PreprocessorPart {
  func check(_ rules: KeyRules) throws(CheckpointError) {
    try rules.check(keys, at: place, ConfigurationValidator(path: path))
  }

  /// Whether these settings are an object in `processor_config.json`.
  var isTogether: Bool { !place.isEmpty }

  /// Maximum duration of audio in seconds. Some writers put a default of 30 seconds into
  /// `processor_config.json`, which is not a limit for every model family.
  fileprivate func seconds(_ family: any FamilyDefinition) throws(CheckpointError) -> Int {
    let published = PreprocessorConfiguration.publishedSeconds
    guard let seconds = try integer("chunk_length") else { return published }
    guard (1...86_400).contains(seconds) else {
      throw wrong("chunk_length", .number(Double(seconds)), "between 1 and 86400")
    }
    let isLimit = family.audio?.isCutAsSaved ?? true
    return !isLimit && isTogether ? max(seconds, published) : seconds
  }
}

/// Mean and standard deviation of each colour channel, for pixel values in 0…1.
struct PixelScale: Sendable, Equatable {
  let mean, deviation: [Float]

  /// The mean and standard deviation that CLIP uses.
  static let clip = PixelScale(
    mean: [0.48145466, 0.4578275, 0.40821073], deviation: [0.26862954, 0.26130258, 0.27577711])
  /// Scales pixel values to −1…1.
  static let centred = PixelScale(mean: [0.5, 0.5, 0.5], deviation: [0.5, 0.5, 0.5])

  private init(mean: [Float], deviation: [Float]) {
    (self.mean, self.deviation) = (mean, deviation)
  }

  /// Reads `image_mean` and `image_std`; if absent, the preprocessor's defaults.
  init(_ part: PreprocessorPart, absent: PixelScale = .clip) throws(CheckpointError) {
    mean = try part.channels("image_mean") ?? absent.mean
    deviation = try part.channels("image_std") ?? absent.deviation
    guard deviation.allSatisfy({ $0 > 0 }) else {
      throw part.wrong("image_std", part["image_std"] ?? .null, "three numbers above 0")
    }
  }
}

extension PixelScale: CustomStringConvertible {
  var description: String { "mean \(mean.plain), deviation \(deviation.plain)" }
}

extension [Float] {
  fileprivate var plain: String { map { "\($0)" }.joined(separator: " ") }
}

/// Minimum and maximum number of pixels of a resized frame.
public struct PixelBounds: Sendable, Equatable {
  public let least, most: Int

  public init(least: Int, most: Int) {
    self.least = least
    self.most = most
  }

  /// Default pixel bounds of image processors in transformers.
  static let standard = PixelBounds(least: 3136, most: 1_003_520)

  /// Reads pixel bounds: `min_pixels` and `max_pixels`, else the edges in `size`, else the
  /// defaults.
  /// - Parameter readsPixelKeys: whether `min_pixels` and `max_pixels` are read.
  init(
    _ part: PreprocessorPart, absent: PixelBounds = .standard, readsPixelKeys: Bool = true
  ) throws(CheckpointError) {
    var size: PreprocessorPart?
    if let value = part["size"] {
      guard let object = value.object else { throw part.wrong("size", value, "an object") }
      let inner = PreprocessorPart(path: part.path, place: part.place + "size.", keys: object)
      try inner.check(
        KeyRules(
          rules: [
            "shortest_edge": .known, "longest_edge": .known, "min_pixels": .known,
            "max_pixels": .known,
          ], unknown: .refused))
      size = inner
    }
    let edges = (least: try size?.integer("shortest_edge"), most: try size?.integer("longest_edge"))
    let keys = (least: try part.integer("min_pixels"), most: try part.integer("max_pixels"))
    least = (readsPixelKeys ? keys.least : nil) ?? edges.least ?? absent.least
    most = (readsPixelKeys ? keys.most : nil) ?? edges.most ?? absent.most
    guard least >= 0, most >= max(1, least), most <= 1 << 40 else {
      throw .badConfiguration(
        path: part.path, key: part.place + "min_pixels, max_pixels", value: "\(least), \(most)",
        expected: "0 ≤ min_pixels ≤ max_pixels")
    }
  }
}

/// Pixel bounds of a video after resizing.
struct VideoPixels: Sendable, Equatable {
  let bounds: PixelBounds
  /// Whether the bounds apply to all frames together instead of to each frame.
  let isShared: Bool
}

extension VideoPixels: CustomStringConvertible {
  var description: String {
    "\(bounds) pixels for \(isShared ? "all frames together" : "each frame")"
  }
}

extension FamilyVideoPixels {
  /// Pixel bounds for a model without preprocessor files. Published checkpoints without a video
  /// file use the bounds of images.
  fileprivate func published(_ images: PixelBounds) -> VideoPixels? {
    switch self {
    case .fixed: nil
    case .ofFrame: VideoPixels(bounds: images, isShared: false)
    case .ofVideo(_, let published): VideoPixels(bounds: published, isShared: true)
    }
  }
}

extension PixelBounds: CustomStringConvertible {
  public var description: String { "\(least)…\(most)" }
}
