import Foundation
import Tensors

/// The vision encoder of Qwen2.5-Omni and Qwen2.5-VL: patches with two-axis rotary positions,
/// attention inside windows except in a few blocks, and 2×2 patches merged into a token.
struct Qwen25VisionEncoder: VisionEncoder {
  private let config: VisionConfiguration
  private let design: WindowedVision
  private let embedding: Linear
  private let blocks: [VisionBlock]
  private let mergerNorm: RMSNorm
  private let mergerExpand, mergerContract: Linear

  init(
    _ config: VisionConfiguration, _ design: WindowedVision, outputs: Int, _ weights: Weights
  ) throws(CheckpointError) {
    self.config = config
    self.design = design
    let side = config.patchSize
    embedding = try Linear(
      config.patchElements, config.width, weights["patch_embed"]["proj"], hasBias: false,
      shape: [config.width, config.channels, config.temporalPatchSize, side, side])
    var blocks: [VisionBlock] = []
    for index in 0..<config.depth {
      blocks.append(try VisionBlock(config, isJoined: design.isJoined, weights["blocks"][index]))
    }
    self.blocks = blocks
    let merged = config.width * config.mergeGroup
    let merger = weights["merger"]
    mergerNorm = try RMSNorm(config.width, merger["ln_q"], epsilon: 1e-6)
    mergerExpand = try Linear(merged, merged, merger["mlp"]["0"], hasBias: true)
    mergerContract = try Linear(merged, outputs, merger["mlp"]["2"], hasBias: true)
  }

  /// Encodes patches.
  /// - Returns: vision tokens in raster order of each grid, [tokens, decoder width], and the last
  ///   block's queries and keys after the rotary embedding.
  func callAsFunction(
    _ patches: Patches, _ cancellation: Cancellation
  ) throws(PrefillError) -> EncodedModality {
    let windows = VisionWindows(
      patches.tokenGrid(merge: config.mergeSize),
      side: design.windowSize / config.mergeSize / config.patchSize)
    let order = windows.order.flatMap { token in
      token * config.mergeGroup..<(token + 1) * config.mergeGroup
    }
    var x = embedding(patches.values.gatherRows(order))
    let rotary = VisionRotation(patches, config, order: order)
    var inputs = AttentionInputs(width: config.width)
    for (index, block) in blocks.enumerated() {
      try cancellation.check(block: index, of: blocks.count)
      block(&x, rotary, segments: segments(index, windows, patches), &inputs)
    }
    let merged = merge(x)
    var features = merged
    features.scatterRows(merged, to: windows.order)
    return EncodedModality(
      features: features,
      attention: EncoderAttention(
        queries: inputs.queries, keys: inputs.keys, headWidth: config.headWidth,
        group: config.mergeGroup, order: windows.order, precision: mergerContract.precision),
      flops: flops(patches, windows))
  }

  private func segments(_ block: Int, _ windows: VisionWindows, _ patches: Patches) -> [Int] {
    design.fullAttentionBlocks.contains(block)
      ? Array(repeating: patches.rows * patches.columns, count: patches.times)
      : windows.sizes.map { $0 * config.mergeGroup }
  }

  private func merge(_ x: Tensor) -> Tensor {
    let groups = mergerNorm(x).reshaped([x.rows / config.mergeGroup, mergerExpand.inputs])
    var expanded = mergerExpand(groups)
    expanded.applyGELU()
    return mergerContract(expanded)
  }

  private func flops(_ patches: Patches, _ windows: VisionWindows) -> Double {
    let rows = patches.values.rows
    let perBlock = blocks.enumerated().reduce(0) { sum, block in
      sum + block.element.flops(rows, segments(block.offset, windows, patches))
    }
    let groups = rows / config.mergeGroup
    return embedding.flops(rows) + perBlock
      + mergerExpand.flops(groups) + mergerContract.flops(groups)
  }
}

/// The order in which tokens are encoded, so that the tokens of an attention window are
/// consecutive.
struct VisionWindows: Sendable, Equatable {
  /// Raster index of the token at each position of the encoding order.
  let order: [Int]
  /// Number of tokens in each attention window, in encoding order.
  let sizes: [Int]

  /// Computes the windows of a token grid.
  /// - Parameter side: number of tokens along a side of a window.
  init(_ grid: TokenGrid, side: Int) {
    var order: [Int] = []
    var sizes: [Int] = []
    for time in 0..<grid.times {
      for top in stride(from: 0, to: grid.rows, by: side) {
        for left in stride(from: 0, to: grid.columns, by: side) {
          let rows = top..<min(top + side, grid.rows)
          let columns = left..<min(left + side, grid.columns)
          for row in rows {
            for column in columns { order.append((time * grid.rows + row) * grid.columns + column) }
          }
          sizes.append(rows.count * columns.count)
        }
      }
    }
    self.order = order
    self.sizes = sizes
  }
}

/// A pre-norm vision block: attention within segments, then a gated MLP; every projection has a
/// bias.
private struct VisionBlock: Sendable {
  let attentionNorm, feedForwardNorm: RMSNorm
  let projections: VisionProjections
  let output: Linear
  let network: GatedMLP
  let headWidth: Int

  init(
    _ config: VisionConfiguration, isJoined: Bool, _ weights: Weights
  ) throws(CheckpointError) {
    let width = config.width
    let attention = weights["attn"]
    headWidth = config.headWidth
    attentionNorm = try RMSNorm(width, weights["norm1"], epsilon: 1e-6)
    feedForwardNorm = try RMSNorm(width, weights["norm2"], epsilon: 1e-6)
    projections = try VisionProjections(width, isJoined: isJoined, attention)
    output = try Linear(width, width, attention["proj"], hasBias: true)
    network = try GatedMLP(width, config.intermediateSize, weights["mlp"], hasBias: true)
  }

  func callAsFunction(
    _ x: inout Tensor, _ rotary: VisionRotation, segments: [Int], _ inputs: inout AttentionInputs
  ) {
    let normal = attentionNorm.activations(x)
    projections(normal, into: &inputs)
    inputs.queries.rotate(headWidth: headWidth, cosines: rotary.cosines, sines: rotary.sines)
    inputs.keys.rotate(headWidth: headWidth, cosines: rotary.cosines, sines: rotary.sines)
    output.add(
      Attention.attendInSegments(
        inputs.queries, inputs.keys, inputs.values, headWidth: headWidth, lengths: segments,
        output.precision), to: &x)
    network.add(feedForwardNorm.activations(x), to: &x)
  }

  func flops(_ rows: Int, _ segments: [Int]) -> Double {
    let linear = projections.flops(rows) + output.flops(rows)
    let pairs = segments.reduce(0) { $0 + Double($1 * $1) }
    return linear + network.flops(rows) + 4 * pairs * Double(output.inputs)
  }
}
