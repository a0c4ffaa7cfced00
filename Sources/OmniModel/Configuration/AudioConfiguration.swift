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

  init(
    _ file: AudioFile, _ family: ModelFamily, _ check: Check, outputs: Int
  ) throws(CheckpointError) {
    layers = try check.positive(
      file.encoder_layers ?? file.num_hidden_layers ?? 0, "audio_config.encoder_layers",
      limit: 1000)
    width = try check.positive(file.d_model, "audio_config.d_model")
    heads = try check.positive(
      file.encoder_attention_heads, "audio_config.encoder_attention_heads")
    feedForwardWidth = try check.positive(file.encoder_ffn_dim, "audio_config.encoder_ffn_dim")
    melBins = try check.positive(
      check.value(file.num_mel_bins, "audio_config.num_mel_bins", default: 128),
      "audio_config.num_mel_bins", limit: 1024)
    maxPositions = try check.positive(
      check.value(file.max_source_positions, "audio_config.max_source_positions", default: 1500),
      "audio_config.max_source_positions")
    windowFrames = try check.positive(
      check.value(
        file.n_window, "audio_config.n_window", default: family == .qwen25 ? 100 : 50),
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
    if let found = file.output_dim, found != outputs {
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
    // The number of tokens is counted in chunks of 100 frames, whatever n_window says.
    guard windowFrames == 50 else {
      throw check.wrong("audio_config.n_window", windowFrames, "50")
    }
    guard let window = file.n_window_infer else {
      throw check.wrong(
        "audio_config.n_window_infer", "absent",
        "there, as transformers 4.57 would take 400 and 5.23 takes 800")
    }
    let frames = try check.positive(window, "audio_config.n_window_infer", limit: 1 << 24)
    chunksPerBlock = try check.positive(
      frames / (2 * windowFrames), "audio_config.n_window_infer / (2 · n_window)", limit: 1 << 20)
  }
}
