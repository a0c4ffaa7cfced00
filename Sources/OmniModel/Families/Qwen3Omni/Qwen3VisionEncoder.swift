import Tensors

/// The vision encoder of Qwen3-Omni and Qwen3-VL: patches with learned position embeddings
/// interpolated to the grid, attention within each temporal grid, and 2×2 patches merged into a
/// token. Outputs of a few blocks are merged for the decoder's first layers (DeepStack).
struct Qwen3VisionEncoder: VisionEncoder {
  private let config: VisionConfiguration
  private let design: DeepstackVision
  private let embedding: Linear
  /// Learned position embeddings, [position rows, width].
  private let positions: Tensor
  private let blocks: [Qwen3VisionBlock]
  private let merger: Qwen3PatchMerger
  /// Patch mergers of the intermediate blocks, one per DeepStack level.
  private let levelMergers: [Qwen3PatchMerger]

  init(
    _ config: VisionConfiguration, _ design: DeepstackVision, outputs: Int, _ weights: Weights
  ) throws(CheckpointError) {
    self.config = config
    self.design = design
    let (projection, side) = (weights["patch_embed"]["proj"], config.patchSize)
    embedding = try Linear(
      config.patchElements, config.width, projection, hasBias: true,
      shape: [config.width, config.channels, config.temporalPatchSize, side, side])
    positions = try weights["pos_embed"].tensor("weight", design.positionRows, config.width)
    var blocks: [Qwen3VisionBlock] = []
    for index in 0..<config.depth {
      blocks.append(try Qwen3VisionBlock(config, design.activation, weights["blocks"][index]))
    }
    self.blocks = blocks
    merger = try Qwen3PatchMerger(
      config, outputs: outputs, normalizesGroups: false, design.names, weights["merger"])
    var levelMergers: [Qwen3PatchMerger] = []
    for index in design.levels.indices {
      levelMergers.append(
        try Qwen3PatchMerger(
          config, outputs: outputs, normalizesGroups: true, design.names,
          weights[design.names.levels][index]))
    }
    self.levelMergers = levelMergers
  }

  func callAsFunction(
    _ patches: Patches, _ cancellation: Cancellation
  ) throws(PrefillError) -> EncodedModality {
    var x = embedding(patches.values)
    x += interpolatedPositions(patches)
    let rotary = VisionRotation(patches, config)
    let segments = Array(repeating: patches.rows * patches.columns, count: patches.times)
    var deepstack: [Tensor] = []
    var inputs = AttentionInputs(width: config.width)
    for (index, block) in blocks.enumerated() {
      try cancellation.check(block: index, of: blocks.count)
      block(&x, rotary, segments: segments, &inputs)
      if let level = design.levels.firstIndex(of: index) {
        deepstack.append(levelMergers[level](x))
      }
    }
    return EncodedModality(
      features: merger(x),
      attention: EncoderAttention(
        queries: inputs.queries, keys: inputs.keys, headWidth: config.headWidth,
        group: config.mergeGroup, order: nil, precision: embedding.precision),
      deepstack: deepstack, flops: flops(patches.values.rows, segments))
  }

  /// Learned position embeddings, interpolated bilinearly to a grid of patches with aligned
  /// corners: [patches, width].
  private func interpolatedPositions(_ patches: Patches) -> Tensor {
    let rows = InterpolatedAxis(patches.rows, from: design.positionSide)
    let columns = InterpolatedAxis(patches.columns, from: design.positionSide)
    let places = Patches.places(
      rows: patches.rows, columns: patches.columns, merge: config.mergeSize)
    func corner(_ row: [Int], _ column: [Int], _ weight: (Int, Int) -> Float) -> Tensor {
      positions.gatherRows(
        places.map { row[$0.row] * design.positionSide + column[$0.column] }
      ).multiplyingRows(by: places.map { weight($0.row, $0.column) })
    }
    var frame = corner(rows.below, columns.below) {
      (1 - rows.fractions[$0]) * (1 - columns.fractions[$1])
    }
    frame += corner(rows.below, columns.above) {
      (1 - rows.fractions[$0]) * columns.fractions[$1]
    }
    frame += corner(rows.above, columns.below) {
      rows.fractions[$0] * (1 - columns.fractions[$1])
    }
    frame += corner(rows.above, columns.above) { rows.fractions[$0] * columns.fractions[$1] }
    let index = (0..<patches.times).flatMap { _ in 0..<places.count }
    return frame.gatherRows(index)
  }

  private func flops(_ rows: Int, _ segments: [Int]) -> Double {
    let groups = rows / config.mergeGroup
    return embedding.flops(rows)
      + blocks.reduce(0) { $0 + $1.flops(rows, segments) }
      + (levelMergers + [merger]).reduce(0) { $0 + $1.flops(groups) }
  }
}

/// `count` points spread evenly over 0…side − 1: the two neighbouring learned positions of each
/// point, and its fractional distance from the lower one.
private struct InterpolatedAxis {
  let below, above: [Int]
  let fractions: [Float]

  init(_ count: Int, from side: Int) {
    let last = Float(side - 1)
    let step = count > 1 ? last / Float(count - 1) : 0
    // Computed from the nearer end, so that both ends are exact.
    let places = (0..<count).map { index in
      index < count / 2 || count == 1
        ? step * Float(index) : last - step * Float(count - 1 - index)
    }
    below = places.map { Int($0) }
    above = places.map { min(Int($0) + 1, side - 1) }
    fractions = places.map { $0 - $0.rounded(.down) }
  }
}

/// A pre-norm vision block: attention within segments, then the MLP; one matrix for q, k and v.
private struct Qwen3VisionBlock: Sendable {
  let attentionNorm, feedForwardNorm: LayerNorm
  let projections: VisionProjections
  let output, expand, contract: Linear
  let headWidth: Int
  let activation: Activation

  init(
    _ config: VisionConfiguration, _ activation: Activation, _ weights: Weights
  ) throws(CheckpointError) {
    let (attention, mlp) = (weights["attn"], weights["mlp"])
    let width = config.width
    headWidth = config.headWidth
    self.activation = activation
    attentionNorm = try LayerNorm(width, weights["norm1"], epsilon: 1e-6)
    feedForwardNorm = try LayerNorm(width, weights["norm2"], epsilon: 1e-6)
    projections = try VisionProjections(width, isJoined: true, attention)
    output = try Linear(width, width, attention["proj"], hasBias: true)
    expand = try Linear(width, config.intermediateSize, mlp["linear_fc1"], hasBias: true)
    contract = try Linear(config.intermediateSize, width, mlp["linear_fc2"], hasBias: true)
  }

  func callAsFunction(
    _ x: inout Tensor, _ rotary: VisionRotation, segments: [Int], _ inputs: inout AttentionInputs
  ) {
    projections(attentionNorm.activations(x), into: &inputs)
    inputs.queries.rotate(headWidth: headWidth, cosines: rotary.cosines, sines: rotary.sines)
    inputs.keys.rotate(headWidth: headWidth, cosines: rotary.cosines, sines: rotary.sines)
    output.add(
      Attention.attendInSegments(
        inputs.queries, inputs.keys, inputs.values, headWidth: headWidth, lengths: segments,
        output.precision), to: &x)
    var thought = expand(feedForwardNorm.activations(x))
    thought.apply(activation)
    contract.add(Activations(thought, contract.precision), to: &x)
  }

  func flops(_ rows: Int, _ segments: [Int]) -> Double {
    let linear =
      projections.flops(rows) + [output, expand, contract].reduce(0) { $0 + $1.flops(rows) }
    let pairs = segments.reduce(0) { $0 + Double($1 * $1) }
    return linear + 4 * pairs * Double(output.inputs)
  }
}

/// Merges a group of patches into one token, with LayerNorm per patch or per group.
private struct Qwen3PatchMerger: Sendable {
  private let norm: LayerNorm
  private let expand, contract: Linear
  private let normalizesGroups: Bool
  private let groupWidth: Int

  init(
    _ config: VisionConfiguration, outputs: Int, normalizesGroups: Bool, _ names: MergerNames,
    _ weights: Weights
  ) throws(CheckpointError) {
    groupWidth = config.width * config.mergeGroup
    self.normalizesGroups = normalizesGroups
    norm = try LayerNorm(
      normalizesGroups ? groupWidth : config.width, weights[names.norm], epsilon: 1e-6)
    expand = try Linear(groupWidth, groupWidth, weights[names.expand], hasBias: true)
    contract = try Linear(groupWidth, outputs, weights[names.contract], hasBias: true)
  }

  /// Merges patches: [patches, width] → [groups, outputs].
  func callAsFunction(_ x: Tensor) -> Tensor {
    let shape = [x.elements.count / groupWidth, groupWidth]
    var expanded = expand(
      normalizesGroups ? norm(x.reshaped(shape)) : norm(x).reshaped(shape))
    expanded.applyGELU()
    return contract(expanded)
  }

  func flops(_ groups: Int) -> Double { expand.flops(groups) + contract.flops(groups) }
}
