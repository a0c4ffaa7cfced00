import Tensors

/// Vision encoder of Qwen3-Omni and Qwen3-VL: interpolated learned position embeddings, and
/// intermediate features for the decoder (DeepStack).
struct DeepstackVision: VisionDesign {
  /// Side of the square grid of learned positions, and number of rows in the table, which may have
  /// more rows than the grid.
  let positionSide, positionRows: Int
  /// Indices of the vision blocks whose output is merged for the decoder, each with its own merger,
  /// in this order.
  let levels: [Int]
  let activation: Activation
  let names: MergerNames
  var levelMergers: String { names.levels }

  init(
    _ file: VisionFile, _ check: ConfigurationValidator, depth: Int, names: MergerNames = .numbered
  ) throws(CheckpointError) {
    self.names = names
    positionRows = try check.positive(
      check.value(
        file.num_position_embeddings, "vision_config.num_position_embeddings", default: 2304),
      "vision_config.num_position_embeddings")
    positionSide = Int(Double(positionRows).squareRoot())
    levels = check.value(
      file.deepstack_visual_indexes, "vision_config.deepstack_visual_indexes",
      default: [8, 16, 24])
    guard levels.allSatisfy({ (0..<depth).contains($0) }), Set(levels).count == levels.count else {
      throw check.wrong(
        "vision_config.deepstack_visual_indexes", levels, "different blocks below depth \(depth)")
    }
    let name = check.value(
      file.hidden_act, "vision_config.hidden_act", default: "gelu_pytorch_tanh")
    guard let activation = Activation(rawValue: name) else {
      throw check.wrong(
        "vision_config.hidden_act", name,
        Activation.allCases.map(\.rawValue).joined(separator: " or "))
    }
    self.activation = activation
  }

  func parameters(_ config: VisionConfiguration, outputs: Int) -> Int {
    let (width, inner) = (config.width, config.intermediateSize)
    let think = inner * (width + 1) + width * (inner + 1)
    let merger = config.mergerParameters(outputs: outputs)
    return width * (config.patchElements + 1) + positionRows * width
      + config.depth * (config.attentionParameters + think + 4 * width) + merger + 2 * width
      + levels.count * (merger + 2 * width * config.mergeGroup)
  }

  func encoder(
    _ config: VisionConfiguration, outputs: Int, _ weights: Weights
  ) throws(CheckpointError) -> any VisionEncoder {
    try Qwen3VisionEncoder(config, self, outputs: outputs, weights)
  }
}

/// Tensor names of a patch merger.
struct MergerNames: Sendable {
  /// Tensor names of the merger's norm, and of its first and second matrix.
  let norm, expand, contract: String
  /// Tensor name of the mergers of intermediate blocks.
  let levels: String

  static let numbered = MergerNames(
    norm: "ln_q", expand: "mlp.0", contract: "mlp.2", levels: "merger_list")
  static let named = MergerNames(
    norm: "norm", expand: "linear_fc1", contract: "linear_fc2", levels: "deepstack_merger_list")
}
