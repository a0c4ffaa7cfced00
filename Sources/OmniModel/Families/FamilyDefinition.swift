/// What one family of thinkers has of its own. A family is a folder with a value that conforms, and
/// a place in `FamilyList`.
protocol FamilyDefinition: Sendable {
  var family: ModelFamily { get }
  /// `model_type` of a file whose `thinker_config` is what is run.
  var wholeTypes: [String] { get }
  /// `model_type` of a file that describes the thinker alone.
  var thinkerTypes: [String] { get }
  /// How `architectures[0]` begins, in lower case.
  var architecture: String { get }
  var tensors: FamilyTensors { get }
  var defaults: ConfigurationDefaults { get }
  /// Keys of `text_config` with another meaning than in all families.
  var textKeys: [String: KeyRules.Rule] { get }
  var rotary: FamilyRotary { get }
  /// The tokens that stand for media, and around them.
  var tokens: [SpecialToken: FamilyToken] { get }
  /// What the chat template says when no system text is given; nil says nothing.
  var defaultSystem: String? { get }
  var preprocessing: FamilyPreprocessing { get }
  /// Nil for a family that takes no sound.
  var audio: (any FamilyAudio)? { get }
  var published: PublishedSettings { get }
  /// The sizes of published models.
  var shapes: [ModelShape] { get }

  /// What of the decoder `text_config` does not say, or says in the family's own way.
  func decoder(_ file: TextFile, _ check: Check) throws(CheckpointError) -> DecoderTraits

  /// The vision tower.
  /// - Parameters:
  ///   - depth: its blocks.
  ///   - token: pixels along the side of a token.
  func vision(
    _ file: VisionFile, _ check: Check, depth: Int, token: Int
  ) throws(CheckpointError) -> any VisionDesign

  /// The time axis of a vision token, from its exact time in positions.
  func position(ofTime time: Float) -> Float

  /// Lays out a video without sound, markers included.
  func layOut(_ video: TokenGrid, secondsPerGrid: Double, on layout: inout PromptLayout)
}

extension FamilyDefinition {
  /// All of it between two markers.
  func layOut(_ video: TokenGrid, secondsPerGrid: Double, on layout: inout PromptLayout) {
    layout.mark(.visionStart)
    layout.lay(layout.videoPieces(video, secondsPerGrid))
    layout.mark(.visionEnd)
  }
}

/// What a family has of its own about sound.
protocol FamilyAudio: Sendable {
  /// Positions in a second by which the published processor interleaves video and sound, whatever
  /// `position_id_per_seconds` of the configuration says; also the audio tokens of a second.
  var tokensPerSecond: Int { get }
  /// Audio encoder units in a second of a statistic window, as the SEATS reference counts them.
  var unitsPerSecond: Int { get }
  /// Whether every sound is padded to the longest there can be, and not to the longest beside it.
  var isPadded: Bool { get }
  /// Whether `chunk_length` below the published one is a limit in `processor_config.json` too, and
  /// not a default that savers write.
  var isCutAsSaved: Bool { get }

  /// Lays out a video with the sound that belongs to it, markers included.
  func layOut(
    _ video: TokenGrid, secondsPerGrid: Double, audioTokens: Int, on layout: inout PromptLayout)

  /// The audio tower.
  func design(_ file: AudioFile, _ check: Check) throws(CheckpointError) -> any AudioDesign
}

/// What the tensors of a family's checkpoints are called.
struct FamilyTensors: Sendable {
  /// What the thinker's begin with in a whole model: `thinker.`; nil where nothing stands before.
  let thinker: String?
  /// The towers: `visual`, `audio_tower`.
  let vision: String
  let audio: String?
  /// What the other parts of a whole model begin with: `talker.`.
  let others: [String]
}

/// What transformers takes where `config.json` says nothing and families differ.
struct ConfigurationDefaults: Sendable {
  let hiddenSize, vocabulary: Int
  let visionDepth, visionWidth, visionIntermediateSize, patchSize: Int
}

/// How published models prepare pictures.
struct FamilyPreprocessing: Sendable {
  let scale: PixelScale
  /// Of an image, after resizing.
  var imagePixels = PixelBounds(least: 3136, most: 12_845_056)
  /// How the processors of images and of videos are called, whatever follows.
  var imageProcessor = "Qwen2VLImageProcessor"
  var videoProcessor = "Qwen2VLVideoProcessor"
}

/// The sections of the decoder's rotary embedding.
struct FamilyRotary: Sendable {
  /// Where a configuration says nothing, as transformers takes it.
  let sections: [Int]
  /// Whether the axes take turns, angle by angle, and do not follow each other.
  let isInterleaved: Bool
}

/// A token that stands for a medium, or beside one.
struct FamilyToken: Sendable {
  /// As the published tokenizers spell it.
  let spelling: String
  /// Its key in `config.json`, and the id of transformers' class where that is absent.
  let key: String
  let standard: Int?

  init(_ spelling: String, _ key: String, standard: Int? = nil) {
    (self.spelling, self.key, self.standard) = (spelling, key, standard)
  }
}

/// What a decoder is made of beside its sizes.
struct DecoderTraits {
  /// Whether q, k and v have biases, and whether the output projection has one.
  let biases: (queryKeyValue: Bool, output: Bool)
  /// Whether queries and keys are RMS-normalised head by head before they are turned.
  let normalizesHeads: Bool
  let experts: ExpertConfiguration?
}

/// The part of a vision tower that only some families have.
protocol VisionDesign: Sendable {
  /// Blocks whose output goes to the decoder's first layers.
  var levels: [Int] { get }

  /// Numbers in the tower's weights.
  func parameters(_ config: VisionConfiguration, outputs: Int) -> Int

  func encoder(
    _ config: VisionConfiguration, outputs: Int, _ weights: Weights
  ) throws(CheckpointError) -> any VisionEncoder
}

extension VisionDesign {
  var levels: [Int] { [] }
}

/// The part of an audio tower that only some families have.
protocol AudioDesign: Sendable {
  /// Half the mel frames of a chunk.
  var windowFrames: Int { get }

  /// Tokens that a prompt counts for `frames` mel frames.
  func tokenCount(frames: Int) -> Int

  /// Whether those are the tokens that the tower makes.
  func counts(frames: Int) -> Bool

  /// Numbers in the tower's weights.
  func parameters(_ config: AudioConfiguration, outputs: Int) -> Int

  func encoder(
    _ config: AudioConfiguration, outputs: Int, _ weights: Weights
  ) throws(CheckpointError) -> any AudioEncoder
}

extension AudioDesign {
  func counts(frames: Int) -> Bool { true }
}
