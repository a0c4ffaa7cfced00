/// Vision encoder of Qwen2.5-Omni and Qwen2.5-VL: attention inside windows, except in a few blocks.
struct WindowedVision: VisionDesign {
  /// Side of an attention window, in pixels.
  let windowSize: Int
  let fullAttentionBlocks: Set<Int>
  /// Whether the q, k and v weights are stored as one matrix, `qkv`.
  let isJoined: Bool

  init(
    _ file: VisionFile, _ check: ConfigurationValidator, token: Int, isJoined: Bool = false
  ) throws(CheckpointError) {
    self.isJoined = isJoined
    windowSize = try check.positive(
      check.value(file.window_size, "vision_config.window_size", default: 112),
      "vision_config.window_size", limit: 1 << 16)
    fullAttentionBlocks = Set(
      check.value(
        file.fullatt_block_indexes, "vision_config.fullatt_block_indexes",
        default: [7, 15, 23, 31]))
    let activation = check.value(file.hidden_act, "vision_config.hidden_act", default: "silu")
    guard ["silu", "swish"].contains(activation) else {
      throw check.wrong("vision_config.hidden_act", activation, "silu")
    }
    guard windowSize >= token else {
      throw check.wrong("vision_config.window_size", windowSize, "at least \(token) pixels")
    }
  }

  func parameters(_ config: VisionConfiguration, outputs: Int) -> Int {
    let (width, inner) = (config.width, config.intermediateSize)
    let think = 2 * inner * (width + 1) + width * (inner + 1)
    return width * config.patchElements
      + config.depth * (config.attentionParameters + think + 2 * width)
      + config.mergerParameters(outputs: outputs) + width
  }

  func encoder(
    _ config: VisionConfiguration, outputs: Int, _ weights: Weights
  ) throws(CheckpointError) -> any VisionEncoder {
    try Qwen25VisionEncoder(config, self, outputs: outputs, weights)
  }
}
