import Tensors

/// `vision_config`.
struct VisionConfiguration: Sendable {
  let depth, width, intermediateSize, heads, channels, patchSize, mergeSize: Int
  let temporalPatchSize: Int
  let design: VisionDesign

  var headWidth: Int { width / heads }
  /// Patches of one merge group.
  var mergeGroup: Int { mergeSize * mergeSize }
  /// Blocks whose output goes to the decoder's first layers.
  var levels: [Int] { if case .deepstack(let design) = design { design.levels } else { [] } }
  /// Numbers in one flattened patch.
  var patchElements: Int { channels * temporalPatchSize * patchSize * patchSize }

  init(
    _ file: VisionFile, _ family: ModelFamily, _ check: Check, outputs: Int
  ) throws(CheckpointError) {
    depth = try Self.depth(file, family, check)
    width = try check.positive(
      check.value(
        file.hidden_size, "vision_config.hidden_size", default: family == .qwen25 ? 3584 : 1152),
      "vision_config.hidden_size")
    intermediateSize = try check.positive(
      check.value(
        file.intermediate_size, "vision_config.intermediate_size",
        default: family == .qwen25 ? 3420 : 4304), "vision_config.intermediate_size")
    heads = try check.positive(
      check.value(file.num_heads, "vision_config.num_heads", default: 16),
      "vision_config.num_heads")
    channels = file.in_channels ?? file.in_chans ?? 3
    patchSize = try check.positive(
      check.value(
        file.patch_size, "vision_config.patch_size", default: family == .qwen25 ? 14 : 16),
      "vision_config.patch_size", limit: 256)
    mergeSize = try check.positive(
      check.value(file.spatial_merge_size, "vision_config.spatial_merge_size", default: 2),
      "vision_config.spatial_merge_size", limit: 16)
    temporalPatchSize = try check.positive(
      check.value(file.temporal_patch_size, "vision_config.temporal_patch_size", default: 2),
      "vision_config.temporal_patch_size", limit: 16)
    design =
      switch family {
      case .qwen25: .windowed(try WindowedVision(file, check, token: patchSize * mergeSize))
      case .qwen3: .deepstack(try DeepstackVision(file, check, depth: depth))
      }
    if let found = file.spatial_patch_size, found != patchSize {
      throw check.wrong("vision_config.spatial_patch_size", found, "patch_size, \(patchSize)")
    }
    guard channels == 3 else { throw check.wrong("vision_config.in_channels", channels, "3") }
    guard width % heads == 0, width / heads % 4 == 0 else {
      throw check.wrong(
        "vision_config.num_heads", heads,
        "a divisor of hidden_size \(width) that leaves heads of a width divisible by 4")
    }
    let found = check.value(file.out_hidden_size, "vision_config.out_hidden_size", default: 3584)
    guard found == outputs else {
      throw check.wrong(
        "vision_config.out_hidden_size", found, "the decoder's hidden_size, \(outputs)")
    }
  }

  private static func depth(
    _ file: VisionFile, _ family: ModelFamily, _ check: Check
  ) throws(CheckpointError) -> Int {
    try check.positive(
      check.value(file.depth, "vision_config.depth", default: family == .qwen25 ? 32 : 27),
      "vision_config.depth", limit: 1000)
  }
}

/// What only one family's vision tower has.
enum VisionDesign: Sendable {
  case windowed(WindowedVision)
  case deepstack(DeepstackVision)
}

/// Qwen2.5-Omni: attention inside windows, except in a few blocks.
struct WindowedVision: Sendable {
  /// Side of an attention window, in pixels.
  let windowSize: Int
  let fullAttentionBlocks: Set<Int>

  init(_ file: VisionFile, _ check: Check, token: Int) throws(CheckpointError) {
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
}

/// Qwen3-Omni: learnt positions, interpolated, and features of inner blocks for the decoder.
struct DeepstackVision: Sendable {
  /// Side of the square of learnt positions; the table may have more rows than that needs.
  let positionSide, positionRows: Int
  /// Blocks whose output is merged for the decoder, each with its own merger, in this order.
  let levels: [Int]
  let activation: Activation

  init(_ file: VisionFile, _ check: Check, depth: Int) throws(CheckpointError) {
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
}
