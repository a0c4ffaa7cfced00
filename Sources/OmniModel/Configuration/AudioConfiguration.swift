/// `audio_config`.
struct AudioConfiguration: Sendable {
  let layers, width, heads, feedForwardWidth, melBins, maxPositions: Int
  /// Half the mel frames of a chunk.
  let windowFrames: Int
  let design: AudioDesign

  var headWidth: Int { width / heads }
  var chunkFrames: Int { 2 * windowFrames }

  /// Tokens that `frames` mel frames become.
  func tokenCount(frames: Int) -> Int {
    switch design {
    case .pairs: Qwen25AudioEncoder.tokenCount(frames: frames)
    case .convolutions: Qwen3AudioEncoder.tokenCount(frames: frames)
    }
  }

  /// Whether the tokens that a prompt counts for `frames` mel frames are those that the tower makes.
  func counts(frames: Int) -> Bool {
    guard case .convolutions = design else { return true }
    return Qwen3AudioEncoder.counts(frames: frames, chunk: chunkFrames)
  }

  init(
    _ file: AudioFile, _ family: ModelFamily, _ check: Check, outputs: Int
  ) throws(CheckpointError) {
    layers = try check.positive(
      check.value(
        file.encoder_layers ?? file.num_hidden_layers, "audio_config.encoder_layers", default: 32),
      "audio_config.encoder_layers", limit: 1000)
    width = try check.positive(
      check.value(file.d_model, "audio_config.d_model", default: 1280), "audio_config.d_model")
    heads = try check.positive(
      check.value(
        file.encoder_attention_heads, "audio_config.encoder_attention_heads", default: 20),
      "audio_config.encoder_attention_heads")
    feedForwardWidth = try check.positive(
      check.value(file.encoder_ffn_dim, "audio_config.encoder_ffn_dim", default: 5120),
      "audio_config.encoder_ffn_dim")
    melBins = try check.positive(
      check.value(file.num_mel_bins, "audio_config.num_mel_bins", default: 128),
      "audio_config.num_mel_bins", limit: 1024)
    maxPositions = try check.positive(
      check.value(file.max_source_positions, "audio_config.max_source_positions", default: 1500),
      "audio_config.max_source_positions")
    windowFrames = try check.positive(
      family == .qwen25
        ? check.value(file.n_window, "audio_config.n_window", default: 100)
        : check.value(file.n_window, "audio_config.n_window", version4: 100, version5: 50),
      "audio_config.n_window", limit: 1 << 16)
    design =
      switch family {
      case .qwen25: .pairs
      case .qwen3: .convolutions(try AudioConvolutions(file, check, windowFrames: windowFrames))
      }
    guard width % heads == 0, width % 2 == 0, width >= 4 else {
      throw check.wrong(
        "audio_config.encoder_attention_heads", heads, "a divisor of an even d_model \(width)")
    }
    let activation = check.value(
      file.activation_function, "audio_config.activation_function", default: "gelu")
    guard activation == "gelu" else {
      throw check.wrong("audio_config.activation_function", activation, "gelu")
    }
    guard tokenCount(frames: chunkFrames) <= maxPositions, windowFrames <= maxPositions else {
      throw check.wrong(
        "audio_config.n_window", windowFrames, "at most max_source_positions \(maxPositions)")
    }
    let found = check.value(file.output_dim, "audio_config.output_dim", default: 3584)
    guard found == outputs else {
      throw check.wrong("audio_config.output_dim", found, "the decoder's hidden_size, \(outputs)")
    }
  }
}

/// What only one family's audio tower has.
enum AudioDesign: Sendable {
  /// Qwen2.5-Omni: two convolutions over time, pairs averaged at the end.
  case pairs
  /// Qwen3-Omni: three convolutions over time and pitch.
  case convolutions(AudioConvolutions)
}

/// The front of Qwen3-Omni's audio tower.
struct AudioConvolutions: Sendable {
  let channels: Int
  /// Whole chunks of mel frames that attend to one another.
  let chunksPerBlock: Int

  init(_ file: AudioFile, _ check: Check, windowFrames: Int) throws(CheckpointError) {
    channels = try check.positive(
      check.value(
        file.downsample_hidden_size, "audio_config.downsample_hidden_size", default: 480),
      "audio_config.downsample_hidden_size", limit: 1 << 16)
    let frames = try check.positive(
      check.value(
        file.n_window_infer, "audio_config.n_window_infer", version4: 400, version5: 800),
      "audio_config.n_window_infer", limit: 1 << 24)
    chunksPerBlock = try check.positive(
      frames / (2 * windowFrames), "audio_config.n_window_infer / (2 · n_window)", limit: 1 << 20)
  }
}
