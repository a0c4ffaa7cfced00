import Foundation

/// The validated model configuration: the thinker's part of config.json.
public struct OmniConfiguration: Sendable {
  let definition: any FamilyDefinition
  public var family: ModelFamily { definition.family }
  /// Name of the model class: `architectures[0]`, or the model type if absent.
  public let architecture: String
  /// Configuration of the decoder: `text_config`.
  public internal(set) var text: DecoderConfiguration
  let vision: VisionConfiguration
  /// Configuration of the audio encoder; nil for a model family without audio.
  let audio: AudioConfiguration?
  let tokens: WrittenTokens
  /// Whether config.json ties the output head to the embeddings.
  let ties: HeadTies
  /// Position steps of the rotary time axis per second; without meaning for a model family that has
  /// no time axis.
  public let positionsPerSecond: Int
  /// Number of video frames per temporal grid.
  public var framesPerGrid: Int { vision.temporalPatchSize }
  /// Seconds of video and audio that are interleaved in one chunk (`seconds_per_chunk`).
  let secondsPerChunk: Double

  /// Facts for the audit: keys that determined the configuration, and defaults of missing keys.
  let facts: [CheckpointFact]

  /// Reads and validates `config.json` of a checkpoint directory, of a complete omni model or of a
  /// thinker alone.
  /// - Throws: `CheckpointError`.
  public init(directory: String) throws(CheckpointError) {
    try self.init(JSONFile(directory + "/config.json"))
  }

  init(_ file: JSONFile) throws(CheckpointError) {
    let root = try file.decode(RootFile.self)
    architecture = root.architectures?.first ?? root.model_type ?? "unknown"
    guard let (family, isWhole) = FamilyList.find(root.model_type) else {
      throw .unsupportedArchitecture(path: file.path, found: architecture)
    }
    definition = family
    let thinker =
      isWhole
      ? try file.decode(OmniFile.self).thinker_config : try file.decode(ThinkerFile.self)
    var check = ConfigurationValidator(path: file.path, writer: root.transformers_version)
    let isFlat = thinker.text_config == nil && !isWhole && family.isFlatAllowed
    check.isFlat = isFlat
    let flatText = isFlat ? try file.decode(TextFile.self) : nil
    guard let textFile = thinker.text_config ?? flatText else {
      let place = (isWhole ? "thinker_config." : "") + "text_config"
      throw .badJSON(path: file.path, place: place, reason: "is missing")
    }
    let written = try WrittenConfiguration(file, isFlat: isFlat)
    try written.check(family, check)
    text = try DecoderConfiguration(textFile, written.text, family, check)
    let width = text.hiddenSize
    vision = try VisionConfiguration(thinker.vision_config, family, check, outputs: width)
    let place = (isWhole ? "thinker_config." : "") + "audio_config"
    switch (family.audio, thinker.audio_config) {
    case (let family?, let file?):
      audio = try AudioConfiguration(file, family, check, outputs: width)
    case (nil, nil): audio = nil
    case (_?, nil): throw .badJSON(path: file.path, place: place, reason: "is missing")
    case (nil, _?): throw .unknownKey(path: file.path, key: place, value: "an object")
    }
    ties = HeadTies(root: root, thinker: thinker, isWhole: isWhole)
    text.tiesEmbeddings = ties.claim != nil
    tokens = try WrittenTokens(thinker, family, check)
    positionsPerSecond = try family.positionsPerSecond(thinker, check)
    secondsPerChunk =
      family.audio == nil
      ? 2 : check.value(thinker.seconds_per_chunk, "seconds_per_chunk", default: 2)
    guard secondsPerChunk > 0, secondsPerChunk <= 3600 else {
      throw check.wrong("seconds_per_chunk", secondsPerChunk, "more than 0 and at most 3600")
    }
    facts = text.rotaryFacts + Self.facts(check.defaults)
  }

  /// Audit facts on the defaults of missing keys.
  private static func facts(_ defaults: DefaultLog) -> [CheckpointFact] {
    guard !defaults.taken.isEmpty else { return [] }
    return [
      CheckpointFact(
        "defaults",
        "not in config.json, transformers' default used: "
          + defaults.taken.joined(separator: ", "))
    ]
  }
}
