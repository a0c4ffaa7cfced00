/// A model family. Each family is a folder with a conforming value, listed in `FamilyList`.
protocol FamilyDefinition: Sendable {
  var family: ModelFamily { get }
  /// `model_type` of a whole model, whose `thinker_config` is used.
  var wholeTypes: [String] { get }
  /// `model_type` of a thinker alone.
  var thinkerTypes: [String] { get }
  /// Prefix of `architectures[0]`, in lower case.
  var architecture: String { get }
  var tensors: FamilyTensors { get }
  var defaults: ConfigurationDefaults { get }
  /// Whether published files have the keys of `text_config` beside the others, without that object.
  var isFlatAllowed: Bool { get }
  /// Keys of `text_config` with family-specific rules.
  var textKeys: [String: KeyRules.Rule] { get }
  var rotary: FamilyRotary { get }
  /// Special tokens of media.
  var tokens: [SpecialToken: FamilyToken] { get }
  /// Default system text of the chat template; nil: none.
  var defaultSystem: String? { get }
  var preprocessing: FamilyPreprocessing { get }
  /// Nil for a family without audio.
  var audio: (any FamilyAudio)? { get }
  var published: PublishedSettings { get }
  /// The sizes of published models.
  var shapes: [ModelShape] { get }

  /// Decoder properties that `text_config` does not state, or states in a family-specific way.
  func decoder(_ file: TextFile, _ check: ConfigurationValidator) throws(CheckpointError)
    -> DecoderTraits

  /// The vision tower.
  /// - Parameters:
  ///   - depth: number of blocks.
  ///   - token: side of a token, in pixels.
  func vision(
    _ file: VisionFile, _ check: ConfigurationValidator, depth: Int, token: Int
  ) throws(CheckpointError) -> any VisionDesign

  /// Steps of the time axis in a second.
  func positionsPerSecond(
    _ file: ThinkerFile, _ check: ConfigurationValidator
  ) throws(CheckpointError) -> Int

  /// The time position of a vision token, from its exact time.
  func position(ofTime time: Float) -> Float

  /// The time axis of a vision token of the temporal grid `index`, from 0.
  func position(ofGrid index: Int, secondsPerGrid: Double, positionsPerSecond: Int) -> Float

  /// Text that stands before the first marker of a video. It is encoded together with the text before
  /// it; `layOut` does not write it.
  /// - Parameter gridTimes: seconds from the start of the video to each temporal grid.
  func opening(gridTimes: [Double]) -> String

  /// Lays out a video without audio, with markers.
  func layOut(_ video: TokenGrid, secondsPerGrid: Double, on layout: inout PromptLayout)
}

extension FamilyDefinition {
  var isFlatAllowed: Bool { false }

  /// `position_id_per_seconds`.
  func positionsPerSecond(
    _ file: ThinkerFile, _ check: ConfigurationValidator
  ) throws(CheckpointError) -> Int {
    try check.positive(
      check.value(file.position_id_per_seconds, "position_id_per_seconds", default: 25),
      "position_id_per_seconds", limit: 10_000)
  }

  func position(ofGrid index: Int, secondsPerGrid: Double, positionsPerSecond: Int) -> Float {
    position(ofTime: Float(index) * Float(secondsPerGrid) * Float(positionsPerSecond))
  }

  func opening(gridTimes: [Double]) -> String { "" }

  /// The whole video between two markers.
  func layOut(_ video: TokenGrid, secondsPerGrid: Double, on layout: inout PromptLayout) {
    layout.mark(.visionStart)
    layout.lay(layout.videoPieces(video, secondsPerGrid))
    layout.mark(.visionEnd)
  }
}

/// Audio properties of a family.
protocol FamilyAudio: Sendable {
  /// Positions per second by which the published processor interleaves video and audio, independent
  /// of `position_id_per_seconds`; also the audio tokens per second.
  var tokensPerSecond: Int { get }
  /// Audio encoder units per second of a statistic window, as in the SEATS reference.
  var unitsPerSecond: Int { get }
  /// Whether audio is padded to the maximum duration instead of to the longest of the conversation.
  var isPadded: Bool { get }
  /// Whether a smaller `chunk_length` in `processor_config.json` is a limit, not a default of
  /// savers.
  var isCutAsSaved: Bool { get }

  /// Lays out a video with its audio, with markers.
  func layOut(
    _ video: TokenGrid, secondsPerGrid: Double, audioTokens: Int, on layout: inout PromptLayout)

  /// The audio tower.
  func design(_ file: AudioFile, _ check: ConfigurationValidator) throws(CheckpointError)
    -> any AudioDesign
}

/// Tensor prefixes of a family's checkpoints.
struct FamilyTensors: Sendable {
  /// Prefix of the thinker in a whole model: `thinker.`; nil: none.
  let thinker: String?
  /// The towers: `visual`, `audio_tower`.
  let vision: String
  let audio: String?
  /// Prefixes of other parts of a whole model: `talker.`.
  let others: [String]
  /// Whether fused experts may be stored as [experts, inputs, outputs].
  var mayTransposeExperts = false
}

/// transformers' family-specific defaults of `config.json`.
struct ConfigurationDefaults: Sendable {
  let hiddenSize, vocabulary: Int
  let visionDepth, visionWidth, visionIntermediateSize, patchSize: Int
  var layers = 28
  var heads = 28
  var keyValueHeads = 4
  var intermediateSize = 18_944
  var normEpsilon = 1e-6
  /// Of a head of the decoder; nil divides the hidden size by the heads.
  var headWidth: Int?
}

/// Preprocessing of published models.
struct FamilyPreprocessing: Sendable {
  let scale: PixelScale
  /// Pixel bounds of an image, after resizing.
  var imagePixels = PixelBounds(least: 3136, most: 12_845_056)
  /// Name prefixes of image and video processors.
  var imageProcessor = "Qwen2VLImageProcessor"
  var videoProcessor = "Qwen2VLVideoProcessor"
  /// Of videos where their file says nothing.
  var absentVideoScale = PixelScale.clip
  var videoPixels = FamilyVideoPixels.fixed
  /// Whether frames and pictures that the published utilities have resized are resized again.
  var resizesAgain = true
}

/// Where the published processor of a family takes the pixel bounds of videos from.
enum FamilyVideoPixels: Sendable {
  /// 128 to 768 tokens of each frame, whatever the checkpoint says.
  case fixed
  /// The checkpoint's, for each frame; where it has files that say nothing, these.
  case ofFrame(absent: PixelBounds)
  /// The checkpoint's `size`, for all frames together; where it has files that say nothing, `absent`,
  /// and without any file those published.
  case ofVideo(absent: PixelBounds, published: PixelBounds)
}

/// The sections of the decoder's rotary embedding.
struct FamilyRotary: Sendable {
  /// transformers' default sections.
  let sections: [Int]
  /// Whether the axes are interleaved by angle instead of consecutive.
  let isInterleaved: Bool
  /// `rope_theta` where a configuration says nothing, by the version of transformers that wrote it.
  var absentBase: (version4: Double, version5: Double) = (1_000_000, 1_000_000)

  func base(_ check: ConfigurationValidator) throws(CheckpointError) -> Double {
    if absentBase.version4 == absentBase.version5 { return absentBase.version4 }
    return try check.value(
      nil, "text_config.rope_theta", version4: absentBase.version4,
      version5: absentBase.version5)
  }
}

/// A special token of a family.
struct FamilyToken: Sendable {
  /// Its spelling in published tokenizers.
  let spelling: String
  /// Its key in `config.json`, and transformers' default id.
  let key: String
  let standard: Int?

  init(_ spelling: String, _ key: String, standard: Int? = nil) {
    (self.spelling, self.key, self.standard) = (spelling, key, standard)
  }
}

/// Decoder properties besides sizes.
struct DecoderTraits {
  /// Whether q, k and v have biases, and whether the output projection has one.
  let biases: (queryKeyValue: Bool, output: Bool)
  /// Whether queries and keys are RMS-normalised per head before rotation.
  let normalizesHeads: Bool
  let experts: ExpertConfiguration?
}

/// Family-specific part of a vision encoder.
protocol VisionDesign: Sendable {
  /// Blocks whose output is added in the decoder's first layers (DeepStack).
  var levels: [Int] { get }
  /// What the mergers of these blocks are called: `merger_list`.
  var levelMergers: String { get }

  /// Parameters of the encoder.
  func parameters(_ config: VisionConfiguration, outputs: Int) -> Int

  func encoder(
    _ config: VisionConfiguration, outputs: Int, _ weights: Weights
  ) throws(CheckpointError) -> any VisionEncoder
}

extension VisionDesign {
  var levels: [Int] { [] }
  var levelMergers: String { "merger_list" }
}

/// Family-specific part of an audio encoder.
protocol AudioDesign: Sendable {
  /// Half the mel frames of a chunk.
  var windowFrames: Int { get }

  /// Tokens that a prompt counts for `frames` mel frames.
  func tokenCount(frames: Int) -> Int

  /// Whether the encoder gives that many tokens.
  func counts(frames: Int) -> Bool

  /// Parameters of the encoder.
  func parameters(_ config: AudioConfiguration, outputs: Int) -> Int

  func encoder(
    _ config: AudioConfiguration, outputs: Int, _ weights: Weights
  ) throws(CheckpointError) -> any AudioEncoder
}

extension AudioDesign {
  func counts(frames: Int) -> Bool { true }
}
