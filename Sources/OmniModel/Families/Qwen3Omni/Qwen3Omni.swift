import Selection

/// Qwen3-Omni. Video and audio tokens are merged one by one; time positions are not rounded; each
/// marker has its own position.
struct Qwen3Omni: FamilyDefinition {
  let family = ModelFamily.qwen3
  let wholeTypes = ["qwen3_omni_moe"]
  let thinkerTypes = ["qwen3_omni_moe_thinker"]
  let architecture = "qwen3"
  let tensors = FamilyTensors(
    thinker: "thinker.", vision: "visual", audio: "audio_tower",
    others: ["talker.", "code2wav."])
  let defaults = ConfigurationDefaults(
    hiddenSize: 2048, vocabulary: 3584, visionDepth: 27, visionWidth: 1152,
    visionIntermediateSize: 4304, patchSize: 16)
  let textKeys: [String: KeyRules.Rule] = [
    "use_qk_norm": .only(true), "shared_expert_intermediate_size": .only(0),
    "attention_bias": .known,
    // The thinker always uses full attention, whatever the value.
    "use_sliding_window": .known,
  ]
  let rotary = FamilyRotary(sections: [24, 20, 20], isInterleaved: true)
  let tokens: [SpecialToken: FamilyToken] = [
    .audio: .init("<|audio_pad|>", "audio_token_id", standard: 151_646),
    .audioStart: .init("<|audio_start|>", "audio_start_token_id", standard: 151_647),
    .audioEnd: .init("<|audio_end|>", "audio_end_token_id"),
    .image: .init("<|image_pad|>", "image_token_id", standard: 151_655),
    .video: .init("<|video_pad|>", "video_token_id", standard: 151_656),
    .visionStart: .init("<|vision_start|>", "vision_start_token_id"),
    .visionEnd: .init("<|vision_end|>", "vision_end_token_id"),
  ]
  let defaultSystem: String? = nil
  let preprocessing = FamilyPreprocessing(scale: .centred)
  let audio: (any FamilyAudio)? = Audio()
  /// Retention pairs of the published scripts: 10 → 7-45, 15 → 12-50, 25 → 22-60, 35 → 32-70.
  let published = PublishedSettings(
    pairs: RetentionPairs(
      family: ModelFamily.qwen3.rawValue,
      published: [
        .init(percent: 10, video: 0.07, audio: 0.45), .init(percent: 15, video: 0.12, audio: 0.50),
        .init(percent: 25, video: 0.22, audio: 0.60), .init(percent: 35, video: 0.32, audio: 0.70),
      ]),
    windowTemperature: 0.3,
    drops: [48: PublishedDrops(dropLayers: [27, 31, 35], lateLayer: 40)], secondsPerGrid: 2,
    tokenSide: 32, frameLimit: 196)
  let shapes = [ModelShape.qwen3Omni30B]

  func decoder(_ file: TextFile, _ check: ConfigurationValidator) throws(CheckpointError)
    -> DecoderTraits
  {
    let hasBias = file.attention_bias ?? false
    return DecoderTraits(
      biases: (hasBias, hasBias), normalizesHeads: true,
      experts: try ExpertConfiguration(file, check))
  }

  func vision(
    _ file: VisionFile, _ check: ConfigurationValidator, depth: Int, token: Int
  ) throws(CheckpointError) -> any VisionDesign {
    try DeepstackVision(file, check, depth: depth)
  }

  struct Audio: FamilyAudio {
    let tokensPerSecond = 13
    let unitsPerSecond = 26
    let isPadded = false
    /// transformers 5 never truncates audio.
    let isCutAsSaved = false

    func design(_ file: AudioFile, _ check: ConfigurationValidator) throws(CheckpointError)
      -> any AudioDesign
    {
      try ConvolvedAudio(file, check)
    }
  }
}

extension ModelFamily {
  public static let qwen3 = ModelFamily(rawValue: "Qwen3-Omni")
}
