import Foundation
import Tensors

/// Qwen2.5-Omni's audio encoder: two convolutions, then Whisper-like layers with attention within
/// chunks of 2 s, then pairs of outputs are averaged into tokens.
struct Qwen25AudioEncoder: AudioEncoder {
  private let config: AudioConfiguration
  private let firstConvolution, secondConvolution: Convolution
  private let layers: [AudioEncoderLayer]
  private let finalNorm: LayerNorm
  private let projection: Linear
  private let outputs: Int

  init(
    _ config: AudioConfiguration, outputs: Int, _ weights: Weights
  ) throws(CheckpointError) {
    self.config = config
    self.outputs = outputs
    firstConvolution = try Convolution(config.melBins, config.width, stride: 1, weights["conv1"])
    secondConvolution = try Convolution(config.width, config.width, stride: 2, weights["conv2"])
    var layers: [AudioEncoderLayer] = []
    for index in 0..<config.layers {
      layers.append(try AudioEncoderLayer(config, keyBias: false, weights["layers"][index]))
    }
    self.layers = layers
    finalNorm = try LayerNorm(config.width, weights["ln_post"])
    projection = try Linear(config.width, outputs, weights["proj"], hasBias: true)
  }

  /// Number of audio tokens for `frames` mel frames.
  static func tokenCount(frames: Int) -> Int {
    frames > 0 ? (frames + 1) / 2 / 2 : 0
  }

  /// Encodes mel features.
  /// - Parameter mel: [mel bins, frames].
  /// - Returns: audio tokens, [tokens, decoder width], and the last layer's queries and keys.
  func callAsFunction(
    _ mel: Tensor, _ cancellation: Cancellation
  ) throws(PrefillError) -> EncodedModality {
    let longest = (min(mel.columns, config.chunkFrames) + 1) / 2
    let positions = AudioPositions.table(longest, width: config.width)
    let chunks = stride(from: 0, to: mel.columns, by: config.chunkFrames).map { start in
      convolved(mel.columns(start..<min(start + config.chunkFrames, mel.columns)), positions)
    }
    let lengths = chunks.map(\.rows)
    var x = Tensor([lengths.reduce(0, +), config.width], chunks.flatMap(\.elements))
    var inputs = AttentionInputs(width: config.width)
    for (index, layer) in layers.enumerated() {
      try cancellation.check(block: index, of: layers.count)
      layer(&x, blockLengths: lengths, &inputs)
    }
    let tokens = projection(finalNorm(x.meanOfRowGroups(2)))
    return EncodedModality(
      features: tokens,
      attention: EncoderAttention(
        queries: inputs.queries, keys: inputs.keys, headWidth: config.headWidth, group: 2,
        order: nil,
        precision: projection.precision),
      flops: flops(frames: mel.columns, lengths: lengths))
  }

  /// Applies both convolutions to one chunk and adds position embeddings: [frames / 2, width].
  private func convolved(_ mel: Tensor, _ positions: Tensor) -> Tensor {
    var x = firstConvolution(mel.transposed())
    x.applyGELU()
    x = secondConvolution(x)
    x.applyGELU()
    x += positions.rows(0..<x.rows)
    return x
  }

  private func flops(frames: Int, lengths: [Int]) -> Double {
    let rows = lengths.reduce(0, +)
    return firstConvolution.flops(frames) + secondConvolution.flops(rows)
      + layers.reduce(0) { $0 + $1.flops(lengths) } + projection.flops(rows / 2)
  }
}

/// A convolution over time with a kernel of three frames and one frame of padding on each side.
private struct Convolution: Sendable {
  /// Convolution weights, [outputs, inputs × 3].
  private let linear: Linear
  private let inputs, stride: Int

  init(_ inputs: Int, _ outputs: Int, stride: Int, _ weights: Weights) throws(CheckpointError) {
    linear = try Linear(
      inputs * 3, outputs, weights, hasBias: true, shape: [outputs, inputs, 3])
    self.inputs = inputs
    self.stride = stride
  }

  /// Applies the convolution: [frames, inputs] → [⌈frames / stride⌉, outputs].
  func callAsFunction(_ x: Tensor) -> Tensor {
    let centres = Swift.stride(from: 0, to: x.rows, by: stride).map { $0 }
    var taps = [Float](repeating: 0, count: centres.count * inputs * 3)
    for (row, centre) in centres.enumerated() {
      for tap in 0..<3 {
        let frame = centre + tap - 1
        guard frame >= 0, frame < x.rows else { continue }
        for (input, value) in x.row(frame).enumerated() {
          taps[(row * inputs + input) * 3 + tap] = value
        }
      }
    }
    return linear(Tensor([centres.count, inputs * 3], taps))
  }

  func flops(_ frames: Int) -> Double { linear.flops(frames) }
}
