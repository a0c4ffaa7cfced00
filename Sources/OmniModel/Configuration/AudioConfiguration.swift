/// Configuration of the audio encoder: `audio_config`.
struct AudioConfiguration: Sendable {
  let layers, width, heads, feedForwardWidth, melBins, maxPositions: Int
  let design: any AudioDesign

  var headWidth: Int { width / heads }
  /// Half the number of mel frames in an audio chunk (`n_window`).
  var windowFrames: Int { design.windowFrames }
  var chunkFrames: Int { 2 * windowFrames }

  init(
    _ file: AudioFile, _ family: any FamilyAudio, _ check: ConfigurationValidator, outputs: Int
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
    design = try family.design(file, check)
    guard width % heads == 0, width % 2 == 0, width >= 4 else {
      throw check.wrong(
        "audio_config.encoder_attention_heads", heads, "a divisor of an even d_model \(width)")
    }
    let activation = check.value(
      file.activation_function, "audio_config.activation_function", default: "gelu")
    guard activation == "gelu" else {
      throw check.wrong("audio_config.activation_function", activation, "gelu")
    }
    guard design.tokenCount(frames: chunkFrames) <= maxPositions, windowFrames <= maxPositions
    else {
      throw check.wrong(
        "audio_config.n_window", windowFrames, "at most max_source_positions \(maxPositions)")
    }
    let found = check.value(file.output_dim, "audio_config.output_dim", default: 3584)
    guard found == outputs else {
      throw check.wrong("audio_config.output_dim", found, "the decoder's hidden_size, \(outputs)")
    }
  }
}
