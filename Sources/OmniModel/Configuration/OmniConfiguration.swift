import Foundation

/// The thinker's part of config.json, checked for sense.
public struct OmniConfiguration: Sendable {
  /// `architectures[0]`, or the model type where there is none.
  public let architecture: String
  public let text: DecoderConfiguration
  let vision: VisionConfiguration
  let audio: AudioConfiguration
  let tokens: SpecialTokens
  /// Rotary time steps per second (`position_id_per_seconds`).
  public let positionsPerSecond: Int
  /// Seconds of video and audio that are interleaved as one chunk (`seconds_per_chunk`).
  let secondsPerChunk: Double

  /// Reads `config.json` of a checkpoint directory: the whole model's, or the thinker's alone.
  public init(directory: String) throws(CheckpointError) {
    let path = directory + "/config.json"
    let root = try JSONFile(path).decode(RootFile.self)
    architecture = root.architectures?.first ?? root.model_type ?? "unknown"
    let thinker: ThinkerFile
    switch root.model_type {
    case "qwen2_5_omni":
      thinker = try JSONFile(path).decode(OmniFile.self).thinker_config
    case "qwen2_5_omni_thinker":
      thinker = try JSONFile(path).decode(ThinkerFile.self)
    default:
      throw .unsupportedArchitecture(path: path, found: architecture)
    }
    let check = Check(path: path)
    text = try DecoderConfiguration(thinker.text_config, check)
    vision = try VisionConfiguration(thinker.vision_config, check, outputs: text.hiddenSize)
    audio = try AudioConfiguration(thinker.audio_config, check, outputs: text.hiddenSize)
    tokens = try SpecialTokens(thinker, check, vocabulary: text.vocabulary)
    positionsPerSecond = try check.positive(
      thinker.position_id_per_seconds ?? 25, "position_id_per_seconds", limit: 10_000)
    secondsPerChunk = thinker.seconds_per_chunk ?? 2
    guard secondsPerChunk > 0, secondsPerChunk <= 3600 else {
      throw check.wrong("seconds_per_chunk", secondsPerChunk, "more than 0 and at most 3600")
    }
  }
}

/// Token ids with a meaning of their own.
struct SpecialTokens: Sendable, Equatable {
  let audio, audioStart, audioEnd, image, video, visionStart, visionEnd: Int

  init(_ file: ThinkerFile, _ check: Check, vocabulary: Int) throws(CheckpointError) {
    func id(_ value: Int?, _ other: Int?, _ key: String) throws(CheckpointError) -> Int {
      guard let id = value ?? other else { throw check.wrong(key, "nothing", "a token id") }
      guard id >= 0, id < vocabulary else {
        throw check.wrong(key, id, "an id below vocab_size \(vocabulary)")
      }
      return id
    }
    audio = try id(file.audio_token_index, file.audio_token_id, "audio_token_index")
    audioStart = try id(file.audio_start_token_id, nil, "audio_start_token_id")
    audioEnd = try id(file.audio_end_token_id, nil, "audio_end_token_id")
    image = try id(file.image_token_index, file.image_token_id, "image_token_index")
    video = try id(file.video_token_index, file.video_token_id, "video_token_index")
    visionStart = try id(file.vision_start_token_id, nil, "vision_start_token_id")
    visionEnd = try id(file.vision_end_token_id, nil, "vision_end_token_id")
  }

  init(
    audio: Int, audioStart: Int, audioEnd: Int, image: Int, video: Int, visionStart: Int,
    visionEnd: Int
  ) {
    self.audio = audio
    self.audioStart = audioStart
    self.audioEnd = audioEnd
    self.image = image
    self.video = video
    self.visionStart = visionStart
    self.visionEnd = visionEnd
  }
}

/// `text_config`.
public struct DecoderConfiguration: Sendable {
  public let layers, hiddenSize, heads, keyValueHeads, headWidth, intermediateSize, vocabulary: Int
  let normEpsilon: Float
  let rotaryBase: Double
  /// Angles per axis (time, height, width); they add up to half a head.
  let rotarySections: [Int]
  let tiesEmbeddings: Bool

  public var keyValueWidth: Int { keyValueHeads * headWidth }

  init(_ file: TextFile, _ check: Check) throws(CheckpointError) {
    layers = try check.positive(
      file.num_hidden_layers, "text_config.num_hidden_layers", limit: 1000)
    hiddenSize = try check.positive(file.hidden_size, "text_config.hidden_size")
    heads = try check.positive(file.num_attention_heads, "text_config.num_attention_heads")
    keyValueHeads = try check.positive(
      file.num_key_value_heads ?? 4, "text_config.num_key_value_heads")
    intermediateSize = try check.positive(file.intermediate_size, "text_config.intermediate_size")
    vocabulary = try check.positive(file.vocab_size, "text_config.vocab_size", limit: 1 << 24)
    headWidth = file.head_dim ?? hiddenSize / heads
    normEpsilon = Float(file.rms_norm_eps ?? 1e-6)
    rotaryBase = file.rope_theta ?? 1_000_000
    tiesEmbeddings = file.tie_word_embeddings ?? false
    guard normEpsilon >= 0, normEpsilon.isFinite else {
      throw check.wrong("text_config.rms_norm_eps", normEpsilon, "0 or more")
    }
    guard rotaryBase > 0, rotaryBase.isFinite else {
      throw check.wrong("text_config.rope_theta", rotaryBase, "more than 0")
    }
    guard headWidth > 0, headWidth % 2 == 0, file.head_dim != nil || hiddenSize % heads == 0 else {
      throw check.wrong(
        "text_config.num_attention_heads", heads,
        "a divisor of hidden_size \(hiddenSize) that leaves heads of even width")
    }
    guard heads % keyValueHeads == 0 else {
      throw check.wrong(
        "text_config.num_key_value_heads", keyValueHeads, "a divisor of \(heads) heads")
    }
    rotarySections = file.rope_scaling?.mrope_section ?? [headWidth / 2]
    guard rotarySections.count <= 3,
      rotarySections.allSatisfy({ (0...headWidth / 2).contains($0) }),
      rotarySections.reduce(0, +) == headWidth / 2
    else {
      throw check.wrong(
        "text_config.rope_scaling.mrope_section", rotarySections,
        "up to three numbers that add up to half a head, \(headWidth / 2)")
    }
    guard ["silu", "swish"].contains(file.hidden_act ?? "silu") else {
      throw check.wrong("text_config.hidden_act", file.hidden_act ?? "", "silu")
    }
    let rope = file.rope_scaling?.rope_type ?? file.rope_scaling?.type ?? "default"
    guard ["default", "mrope"].contains(rope) else {
      throw check.wrong("text_config.rope_scaling.rope_type", rope, "default")
    }
    guard file.use_sliding_window != true else {
      throw check.wrong("text_config.use_sliding_window", true, "false")
    }
  }
}

/// `vision_config`.
struct VisionConfiguration: Sendable {
  let depth, width, intermediateSize, heads, channels, patchSize, mergeSize: Int
  let temporalPatchSize: Int
  /// Side of an attention window, in pixels.
  let windowSize: Int
  let fullAttentionBlocks: Set<Int>

  var headWidth: Int { width / heads }
  /// Patches of one merge group.
  var mergeGroup: Int { mergeSize * mergeSize }
  /// Numbers in one flattened patch.
  var patchElements: Int { channels * temporalPatchSize * patchSize * patchSize }

  init(_ file: VisionFile, _ check: Check, outputs: Int) throws(CheckpointError) {
    depth = try check.positive(file.depth, "vision_config.depth", limit: 1000)
    width = try check.positive(file.hidden_size, "vision_config.hidden_size")
    intermediateSize = try check.positive(
      file.intermediate_size, "vision_config.intermediate_size")
    heads = try check.positive(file.num_heads, "vision_config.num_heads")
    channels = file.in_channels ?? file.in_chans ?? 3
    patchSize = try check.positive(file.patch_size ?? 14, "vision_config.patch_size", limit: 256)
    mergeSize = try check.positive(
      file.spatial_merge_size ?? 2, "vision_config.spatial_merge_size", limit: 16)
    temporalPatchSize = try check.positive(
      file.temporal_patch_size ?? 2, "vision_config.temporal_patch_size", limit: 16)
    windowSize = try check.positive(
      file.window_size ?? 112, "vision_config.window_size", limit: 1 << 16)
    fullAttentionBlocks = Set(file.fullatt_block_indexes ?? [7, 15, 23, 31])
    guard file.hidden_act ?? "silu" == "silu" else {
      throw check.wrong("vision_config.hidden_act", file.hidden_act ?? "", "silu")
    }
    guard channels == 3 else { throw check.wrong("vision_config.in_channels", channels, "3") }
    guard width % heads == 0, width / heads % 4 == 0 else {
      throw check.wrong(
        "vision_config.num_heads", heads,
        "a divisor of hidden_size \(width) that leaves heads of a width divisible by 4")
    }
    guard windowSize >= patchSize * mergeSize else {
      throw check.wrong(
        "vision_config.window_size", windowSize, "at least \(patchSize * mergeSize) pixels")
    }
    if let found = file.out_hidden_size, found != outputs {
      throw check.wrong(
        "vision_config.out_hidden_size", found, "the decoder's hidden_size, \(outputs)")
    }
  }
}

/// `audio_config`.
struct AudioConfiguration: Sendable {
  let layers, width, heads, feedForwardWidth, melBins, maxPositions: Int
  /// Half the mel frames of an attention chunk.
  let windowFrames: Int

  var headWidth: Int { width / heads }
  var chunkFrames: Int { 2 * windowFrames }

  init(_ file: AudioFile, _ check: Check, outputs: Int) throws(CheckpointError) {
    layers = try check.positive(
      file.encoder_layers ?? file.num_hidden_layers ?? 0, "audio_config.encoder_layers",
      limit: 1000)
    width = try check.positive(file.d_model, "audio_config.d_model")
    heads = try check.positive(
      file.encoder_attention_heads, "audio_config.encoder_attention_heads")
    feedForwardWidth = try check.positive(file.encoder_ffn_dim, "audio_config.encoder_ffn_dim")
    melBins = try check.positive(file.num_mel_bins ?? 128, "audio_config.num_mel_bins", limit: 1024)
    maxPositions = try check.positive(
      file.max_source_positions ?? 1500, "audio_config.max_source_positions")
    windowFrames = try check.positive(file.n_window ?? 100, "audio_config.n_window", limit: 1 << 16)
    guard width % heads == 0, width % 2 == 0, width >= 4 else {
      throw check.wrong(
        "audio_config.encoder_attention_heads", heads, "a divisor of an even d_model \(width)")
    }
    guard file.activation_function ?? "gelu" == "gelu" else {
      throw check.wrong("audio_config.activation_function", file.activation_function ?? "", "gelu")
    }
    guard windowFrames <= maxPositions else {
      throw check.wrong(
        "audio_config.n_window", windowFrames, "at most max_source_positions \(maxPositions)")
    }
    if let found = file.output_dim, found != outputs {
      throw check.wrong("audio_config.output_dim", found, "the decoder's hidden_size, \(outputs)")
    }
  }
}

/// Complains about values of one file.
struct Check {
  let path: String

  func positive(
    _ value: Int, _ key: String, limit: Int = 1 << 20
  ) throws(CheckpointError) -> Int {
    guard value > 0, value <= limit else { throw wrong(key, value, "between 1 and \(limit)") }
    return value
  }

  func wrong(_ key: String, _ value: some Any, _ expected: String) -> CheckpointError {
    .badConfiguration(path: path, key: key, value: "\(value)", expected: expected)
  }
}
