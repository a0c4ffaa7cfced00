import Foundation
import Tensors

/// A pre-norm layer of the audio encoder: self-attention within blocks of frames, then the MLP.
struct AudioEncoderLayer: Sendable {
  let attentionNorm, feedForwardNorm: LayerNorm
  let query, key, value, output, expand, contract: Linear
  let headWidth: Int

  init(
    _ config: AudioConfiguration, keyBias: Bool, _ weights: Weights
  ) throws(CheckpointError) {
    let width = config.width
    let attention = weights["self_attn"]
    headWidth = config.headWidth
    attentionNorm = try LayerNorm(width, weights["self_attn_layer_norm"])
    feedForwardNorm = try LayerNorm(width, weights["final_layer_norm"])
    query = try Linear(width, width, attention["q_proj"], hasBias: true)
    key = try Linear(width, width, attention["k_proj"], hasBias: keyBias)
    value = try Linear(width, width, attention["v_proj"], hasBias: true)
    output = try Linear(width, width, attention["out_proj"], hasBias: true)
    expand = try Linear(width, config.feedForwardWidth, weights["fc1"], hasBias: true)
    contract = try Linear(config.feedForwardWidth, width, weights["fc2"], hasBias: true)
  }

  func callAsFunction(
    _ x: inout Tensor, blockLengths: [Int], _ inputs: inout AttentionInputs
  ) {
    let normal = attentionNorm.activations(x)
    query(normal, into: &inputs.queries)
    key(normal, into: &inputs.keys)
    value(normal, into: &inputs.values)
    output.add(
      Attention.attendInSegments(
        inputs.queries, inputs.keys, inputs.values, headWidth: headWidth, lengths: blockLengths,
        output.precision), to: &x)
    var thought = expand(feedForwardNorm.activations(x))
    thought.applyGELU()
    contract.add(Activations(thought, contract.precision), to: &x)
  }

  func flops(_ lengths: [Int]) -> Double {
    let rows = lengths.reduce(0, +)
    let linear = [query, key, value, output, expand, contract].reduce(0) { $0 + $1.flops(rows) }
    let pairs = lengths.reduce(0) { $0 + Double($1 * $1) }
    return linear + 4 * pairs * Double(query.outputs)
  }
}

/// Whisper's sinusoidal position embeddings: sines, then cosines, with wavelengths up to 10 000.
enum AudioPositions {
  /// Position embeddings, [count, width].
  static func table(_ count: Int, width: Int) -> Tensor {
    let half = width / 2
    let step = log(10_000) / Double(max(1, half - 1))
    let scales = (0..<half).map { exp(Float(-step * Double($0))) }
    let table = (0..<count).flatMap { time in
      let angles = scales.map { Float(time) * $0 }
      return angles.map { sin($0) } + angles.map { cos($0) }
    }
    return Tensor([count, width], table)
  }
}
