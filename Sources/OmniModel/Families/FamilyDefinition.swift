/// A model family, such as Qwen3-Omni. Each family is a folder with a conforming value, listed in
/// `FamilyList`.
protocol FamilyDefinition: Sendable {
  var family: ModelFamily { get }
  /// Values of `model_type` for a complete omni model, which has a `thinker_config`.
  var wholeTypes: [String] { get }
  /// Values of `model_type` for a thinker alone.
  var thinkerTypes: [String] { get }
  /// Lower-case prefix of `architectures[0]` that identifies the family.
  var architecture: String { get }
  var tensors: FamilyTensors { get }
  var defaults: ConfigurationDefaults { get }
  /// Whether published files have the keys of `text_config` at the outer level instead of in that
  /// object.
  var isFlatAllowed: Bool { get }
  /// Rules for keys of `text_config` that differ from those of other families.
  var textKeys: [String: KeyRules.Rule] { get }
  var rotary: FamilyRotary { get }
  /// Special tokens for the family's media.
  var tokens: [SpecialToken: FamilyToken] { get }
  /// Default system text of the chat template; nil for none.
  var defaultSystem: String? { get }
  var preprocessing: FamilyPreprocessing { get }
  /// Audio properties; nil for a family without audio.
  var audio: (any FamilyAudio)? { get }
  var published: PublishedSettings { get }
  /// Sizes of the family's published models.
  var shapes: [ModelShape] { get }

  /// Decoder properties that `text_config` omits, or states in a way that is specific to the
  /// family.
  func decoder(_ file: TextFile, _ check: ConfigurationValidator) throws(CheckpointError)
    -> DecoderTraits

  /// The design of the vision encoder.
  /// - Parameters:
  ///   - depth: number of vision blocks.
  ///   - token: side of a vision token, in pixels.
  func vision(
    _ file: VisionFile, _ check: ConfigurationValidator, depth: Int, token: Int
  ) throws(CheckpointError) -> any VisionDesign

  /// Position steps of the rotary time axis per second.
  func positionsPerSecond(
    _ file: ThinkerFile, _ check: ConfigurationValidator
  ) throws(CheckpointError) -> Int

  /// Time position of a vision token from its unrounded time position.
  func position(ofTime time: Float) -> Float

  /// Time position of the vision tokens in temporal grid `index`, counted from 0.
  func position(ofGrid index: Int, secondsPerGrid: Double, positionsPerSecond: Int) -> Float

  /// Text that precedes a video's first marker; empty for most families. It is encoded together
  /// with the text before it, so `layOut` does not write it.
  /// - Parameter gridTimes: seconds from the start of the video to each temporal grid.
  func opening(gridTimes: [Double]) -> String

  /// Appends the tokens of a video without audio, including markers, to the prompt.
  func layOut(_ video: TokenGrid, secondsPerGrid: Double, on layout: inout PromptLayout)
}

extension FamilyDefinition {
  var isFlatAllowed: Bool { false }

  /// Reads `position_id_per_seconds`; 25 by default.
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

  /// Appends all video tokens between one start and one end marker.
  func layOut(_ video: TokenGrid, secondsPerGrid: Double, on layout: inout PromptLayout) {
    layout.mark(.visionStart)
    layout.lay(layout.videoPieces(video, secondsPerGrid))
    layout.mark(.visionEnd)
  }
}

/// Audio properties of a model family.
protocol FamilyAudio: Sendable {
  /// Audio tokens per second. Also the positions per second by which the published processor
  /// interleaves video and audio, independent of `position_id_per_seconds`.
  var tokensPerSecond: Int { get }
  /// Audio encoder units per second of a temporal window, as in the SEATS reference implementation.
  var unitsPerSecond: Int { get }
  /// Whether audio is padded to the maximum duration instead of to the longest clip of the
  /// conversation.
  var isPadded: Bool { get }
  /// Whether a smaller `chunk_length` in `processor_config.json` limits the audio, instead of being
  /// a default that some writers add.
  var isCutAsSaved: Bool { get }

  /// Appends the tokens of a video with its audio, including markers, to the prompt.
  func layOut(
    _ video: TokenGrid, secondsPerGrid: Double, audioTokens: Int, on layout: inout PromptLayout)

  /// The design of the audio encoder.
  func design(_ file: AudioFile, _ check: ConfigurationValidator) throws(CheckpointError)
    -> any AudioDesign
}

/// Prefixes of tensor names in a family's checkpoints.
struct FamilyTensors: Sendable {
  /// Prefix of the thinker's tensors in a complete omni model, such as `thinker.`; nil for none.
  let thinker: String?
  /// Tensor prefixes of the vision and audio encoders: `visual`, `audio_tower`.
  let vision: String
  let audio: String?
  /// Tensor prefixes of the other parts of an omni model, such as `talker.`.
  let others: [String]
  /// Whether fused expert tensors may be stored as [experts, inputs, outputs].
  var mayTransposeExperts = false
}

/// transformers' defaults for keys missing in `config.json`, for one model family.
struct ConfigurationDefaults: Sendable {
  let hiddenSize, vocabulary: Int
  let visionDepth, visionWidth, visionIntermediateSize, patchSize: Int
  var layers = 28
  var heads = 28
  var keyValueHeads = 4
  var intermediateSize = 18_944
  var normEpsilon = 1e-6
  /// Default width of a decoder head; nil divides the hidden size by the number of heads.
  var headWidth: Int?
}

/// Preprocessing settings of a family's published models.
struct FamilyPreprocessing: Sendable {
  let scale: PixelScale
  /// Bounds on the number of pixels of an image after resizing.
  var imagePixels = PixelBounds(least: 3136, most: 12_845_056)
  /// Name prefixes of the image and video processor classes.
  var imageProcessor = "Qwen2VLImageProcessor"
  var videoProcessor = "Qwen2VLVideoProcessor"
  /// Default mean and standard deviation of video pixels, if the preprocessor file has no such
  /// keys.
  var absentVideoScale = PixelScale.clip
  var videoPixels = FamilyVideoPixels.fixed
  /// Whether the processor resizes frames and images again that `qwen_omni_utils` has already
  /// resized.
  var resizesAgain = true
}

/// Where the published processor of a family takes the pixel bounds of videos from.
enum FamilyVideoPixels: Sendable {
  /// 128 to 768 tokens for each frame, independent of the checkpoint.
  case fixed
  /// The checkpoint's bounds, for each frame; `absent` if its files do not state any.
  case ofFrame(absent: PixelBounds)
  /// The checkpoint's `size`, for all frames together; `absent` if its files do not state any, and
  /// `published` if it has no files.
  case ofVideo(absent: PixelBounds, published: PixelBounds)
}

/// How the angles of the decoder's rotary embedding are divided among the axes.
struct FamilyRotary: Sendable {
  /// Default number of angles per axis (`mrope_section`) in transformers.
  let sections: [Int]
  /// Whether the axes are interleaved by angle instead of consecutive.
  let isInterleaved: Bool
  /// Default of `rope_theta`, by the transformers version that wrote the configuration.
  var absentBase: (version4: Double, version5: Double) = (1_000_000, 1_000_000)

  func base(_ check: ConfigurationValidator) throws(CheckpointError) -> Double {
    if absentBase.version4 == absentBase.version5 { return absentBase.version4 }
    return try check.value(
      nil, "text_config.rope_theta", version4: absentBase.version4,
      version5: absentBase.version5)
  }
}

/// A special token of a model family.
struct FamilyToken: Sendable {
  /// Text of the token in published tokenizers.
  let spelling: String
  /// Key of the token's id in `config.json`, and transformers' default id.
  let key: String
  let standard: Int?

  init(_ spelling: String, _ key: String, standard: Int? = nil) {
    (self.spelling, self.key, self.standard) = (spelling, key, standard)
  }
}

/// Properties of a decoder other than its sizes.
struct DecoderTraits {
  /// Whether the q, k and v projections have biases, and whether the output projection has one.
  let biases: (queryKeyValue: Bool, output: Bool)
  /// Whether queries and keys are normalised per head (RMSNorm) before the rotary embedding.
  let normalizesHeads: Bool
  let experts: ExpertConfiguration?
}

/// The vision encoder of a model family: its sizes and how it is loaded.
protocol VisionDesign: Sendable {
  /// Indices of the vision blocks whose output is added in the decoder's first layers (DeepStack).
  var levels: [Int] { get }
  /// Tensor name of the patch mergers of these blocks, such as `merger_list`.
  var levelMergers: String { get }

  /// Number of parameters of the vision encoder.
  func parameters(_ config: VisionConfiguration, outputs: Int) -> Int

  func encoder(
    _ config: VisionConfiguration, outputs: Int, _ weights: Weights
  ) throws(CheckpointError) -> any VisionEncoder
}

extension VisionDesign {
  var levels: [Int] { [] }
  var levelMergers: String { "merger_list" }
}

/// The audio encoder of a model family: its sizes and how it is loaded.
protocol AudioDesign: Sendable {
  /// Half the number of mel frames in an audio chunk.
  var windowFrames: Int { get }

  /// Number of audio tokens in a prompt for `frames` mel frames.
  func tokenCount(frames: Int) -> Int

  /// Whether the encoder returns as many tokens as `tokenCount`.
  func counts(frames: Int) -> Bool

  /// Number of parameters of the audio encoder.
  func parameters(_ config: AudioConfiguration, outputs: Int) -> Int

  func encoder(
    _ config: AudioConfiguration, outputs: Int, _ weights: Weights
  ) throws(CheckpointError) -> any AudioEncoder
}

extension AudioDesign {
  func counts(frames: Int) -> Bool { true }
}
