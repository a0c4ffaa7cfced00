/// Audio encoder of Qwen2.5-Omni: two convolutions over time; pairs of outputs are averaged at the
/// end.
struct PairedAudio: AudioDesign {
  let windowFrames: Int

  init(_ file: AudioFile, _ check: ConfigurationValidator) throws(CheckpointError) {
    windowFrames = try check.positive(
      check.value(file.n_window, "audio_config.n_window", default: 100), "audio_config.n_window",
      limit: 1 << 16)
  }

  func tokenCount(frames: Int) -> Int { Qwen25AudioEncoder.tokenCount(frames: frames) }

  func parameters(_ config: AudioConfiguration, outputs: Int) -> Int {
    let width = config.width
    let convolutions = width * (3 * config.melBins + 1) + width * (3 * width + 1)
    // Key projections have no bias.
    return convolutions + config.layers * (config.layerParameters - width) + 2 * width
      + outputs * (width + 1)
  }

  func encoder(
    _ config: AudioConfiguration, outputs: Int, _ weights: Weights
  ) throws(CheckpointError) -> any AudioEncoder {
    try Qwen25AudioEncoder(config, outputs: outputs, weights)
  }
}
