/// Audio encoder of Qwen3-Omni: three convolutions over time and mel frequency.
struct ConvolvedAudio: AudioDesign {
  let windowFrames, channels: Int
  /// Number of audio chunks per attention block.
  let chunksPerBlock: Int

  init(_ file: AudioFile, _ check: ConfigurationValidator) throws(CheckpointError) {
    windowFrames = try check.positive(
      check.value(file.n_window, "audio_config.n_window", version4: 100, version5: 50),
      "audio_config.n_window", limit: 1 << 16)
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

  func tokenCount(frames: Int) -> Int { Qwen3AudioEncoder.tokenCount(frames: frames) }

  func counts(frames: Int) -> Bool {
    Qwen3AudioEncoder.counts(frames: frames, chunk: 2 * windowFrames)
  }

  func parameters(_ config: AudioConfiguration, outputs: Int) -> Int {
    let width = config.width
    let pitches = (((config.melBins + 1) / 2 + 1) / 2 + 1) / 2
    let convolutions = channels * 10 + 2 * channels * (9 * channels + 1)
    return convolutions + channels * pitches * width + config.layers * config.layerParameters
      + 2 * width + width * (width + 1) + outputs * (width + 1)
  }

  func encoder(
    _ config: AudioConfiguration, outputs: Int, _ weights: Weights
  ) throws(CheckpointError) -> any AudioEncoder {
    try Qwen3AudioEncoder(config, self, outputs: outputs, weights)
  }
}
