import Selection

/// Qwen2.5-VL: the decoder and vision encoder of Qwen2.5-Omni, without audio. Time positions are
/// integers; `vision_config.tokens_per_second` states their number per second.
struct Qwen25VL: FamilyDefinition {
  let family = ModelFamily.qwen25VL
  let wholeTypes: [String] = []
  let thinkerTypes = ["qwen2_5_vl"]
  let architecture = "qwen2_5_vl"
  let tensors = FamilyTensors(thinker: nil, vision: "visual", audio: nil, others: [])
  let defaults = ConfigurationDefaults(
    hiddenSize: 8192, vocabulary: 152_064, visionDepth: 32, visionWidth: 3584,
    visionIntermediateSize: 3420, patchSize: 14, layers: 80, heads: 64, keyValueHeads: 8,
    intermediateSize: 29_568, normEpsilon: 1e-5)
  let isFlatAllowed = true
  let textKeys: [String: KeyRules.Rule] = [
    "use_qk_norm": .only(false), "attention_bias": .only(true),
  ]
  let rotary = FamilyRotary(sections: [16, 24, 24], isInterleaved: false)
  let tokens: [SpecialToken: FamilyToken] = [
    .image: .init("<|image_pad|>", "image_token_id", standard: 151_655),
    .video: .init("<|video_pad|>", "video_token_id", standard: 151_656),
    .visionStart: .init("<|vision_start|>", "vision_start_token_id", standard: 151_652),
    .visionEnd: .init("<|vision_end|>", "vision_end_token_id", standard: 151_653),
  ]
  let defaultSystem: String? = "You are a helpful assistant."
  let preprocessing = FamilyPreprocessing(
    scale: .clip,
    videoPixels: .ofFrame(absent: PixelBounds(least: 128 * 28 * 28, most: 768 * 28 * 28)))
  let audio: (any FamilyAudio)? = nil
  let published = PublishedSettings(
    pairs: RetentionPairs(family: ModelFamily.qwen25VL.rawValue, published: []),
    windowTemperature: 0.1, drops: [:], secondsPerGrid: 1, tokenSide: 28,
    isInScripts: false)
  let shapes = [ModelShape.qwen25VL3B, .qwen25VL7B]

  func decoder(_ file: TextFile, _ check: ConfigurationValidator) -> DecoderTraits {
    DecoderTraits(
      biases: (queryKeyValue: true, output: false), normalizesHeads: false, experts: nil)
  }

  func vision(
    _ file: VisionFile, _ check: ConfigurationValidator, depth: Int, token: Int
  ) throws(CheckpointError) -> any VisionDesign {
    try WindowedVision(file, check, token: token, isJoined: true)
  }

  func positionsPerSecond(
    _ file: ThinkerFile, _ check: ConfigurationValidator
  ) throws(CheckpointError) -> Int {
    try check.positive(
      check.value(
        file.vision_config.tokens_per_second, "vision_config.tokens_per_second", default: 4),
      "vision_config.tokens_per_second", limit: 10_000)
  }

  func position(ofTime time: Float) -> Float { time.rounded(.towardZero) }

  /// Time position of a temporal grid. transformers 4.57 rounds the seconds per grid down to an
  /// integer before it multiplies.
  func position(ofGrid index: Int, secondsPerGrid: Double, positionsPerSecond: Int) -> Float {
    Float(index * Int(secondsPerGrid) * positionsPerSecond)
  }
}

extension ModelFamily {
  public static let qwen25VL = ModelFamily(rawValue: "Qwen2.5-VL")
}
