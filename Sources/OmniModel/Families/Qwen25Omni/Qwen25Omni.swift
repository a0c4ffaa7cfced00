import Selection

/// Qwen2.5-Omni. Video and audio tokens alternate in chunks; time positions are integers; the two
/// start markers share a position, and so do the two end markers.
struct Qwen25Omni: FamilyDefinition {
  let family = ModelFamily.qwen25
  let wholeTypes = ["qwen2_5_omni"]
  let thinkerTypes = ["qwen2_5_omni_thinker"]
  let architecture = "qwen2_5omni"
  let tensors = FamilyTensors(
    thinker: "thinker.", vision: "visual", audio: "audio_tower",
    others: ["talker.", "token2wav."])
  let defaults = ConfigurationDefaults(
    hiddenSize: 3584, vocabulary: 152_064, visionDepth: 32, visionWidth: 3584,
    visionIntermediateSize: 3420, patchSize: 14)
  let textKeys: [String: KeyRules.Rule] = [
    "use_qk_norm": .only(false), "attention_bias": .only(true),
  ]
  let rotary = FamilyRotary(sections: [16, 24, 24], isInterleaved: false)
  let tokens: [SpecialToken: FamilyToken] = [
    .audio: .init("<|AUDIO|>", "audio_token_index", standard: 151_646),
    .audioStart: .init("<|audio_bos|>", "audio_start_token_id", standard: 151_647),
    .audioEnd: .init("<|audio_eos|>", "audio_end_token_id", standard: 151_648),
    .image: .init("<|IMAGE|>", "image_token_index", standard: 151_655),
    .video: .init("<|VIDEO|>", "video_token_index", standard: 151_656),
    .visionStart: .init("<|vision_bos|>", "vision_start_token_id"),
    .visionEnd: .init("<|vision_eos|>", "vision_end_token_id"),
  ]
  let defaultSystem: String? = "You are a helpful assistant."
  let preprocessing = FamilyPreprocessing(scale: .clip)
  let audio: (any FamilyAudio)? = Audio()
  /// The published settings of the 3B model repeat the drop layers of the 7B model, which are too
  /// early for 36 layers.
  let published = PublishedSettings(
    pairs: .paper, windowTemperature: 0.1,
    drops: [28: PublishedDrops(dropLayers: [16, 18, 20], lateLayer: 24)],
    depthsWithoutDrops: [36], secondsPerGrid: 1, tokenSide: 28)
  let shapes = [ModelShape.qwen25Omni3B, .qwen25Omni7B]

  func decoder(_ file: TextFile, _ check: ConfigurationValidator) -> DecoderTraits {
    DecoderTraits(
      biases: (queryKeyValue: true, output: false), normalizesHeads: false, experts: nil)
  }

  func vision(
    _ file: VisionFile, _ check: ConfigurationValidator, depth: Int, token: Int
  ) throws(CheckpointError) -> any VisionDesign {
    try WindowedVision(file, check, token: token)
  }

  struct Audio: FamilyAudio {
    let tokensPerSecond = 25
    let unitsPerSecond = 50
    let isPadded = true
    let isCutAsSaved = true

    func design(_ file: AudioFile, _ check: ConfigurationValidator) throws(CheckpointError)
      -> any AudioDesign
    {
      try PairedAudio(file, check)
    }
  }
}

extension ModelFamily {
  public static let qwen25 = ModelFamily(rawValue: "Qwen2.5-Omni")
}
