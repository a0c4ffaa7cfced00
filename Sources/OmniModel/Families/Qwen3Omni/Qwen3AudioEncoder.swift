import Tensors

/// Qwen3-Omni's audio encoder: three convolutions over time and mel frequency in chunks of one
/// second, then Whisper-like layers with attention within blocks of several chunks.
struct Qwen3AudioEncoder: AudioEncoder {
  private let config: AudioConfiguration
  private let front: ConvolvedAudio
  private let convolutions: [PitchTimeConvolution]
  private let projection: Linear
  private let layers: [AudioEncoderLayer]
  private let finalNorm: LayerNorm
  private let expand, contract: Linear

  init(
    _ config: AudioConfiguration, _ front: ConvolvedAudio, outputs: Int, _ weights: Weights
  ) throws(CheckpointError) {
    self.config = config
    self.front = front
    var convolutions: [PitchTimeConvolution] = []
    for index in 0..<3 {
      convolutions.append(
        try PitchTimeConvolution(
          index == 0 ? 1 : front.channels, front.channels, weights["conv2d\(index + 1)"]))
    }
    self.convolutions = convolutions
    let pitches = (0..<3).reduce(config.melBins) { size, _ in PitchTimeConvolution.halved(size) }
    projection = try Linear(
      front.channels * pitches, config.width, weights["conv_out"], hasBias: false)
    var layers: [AudioEncoderLayer] = []
    for index in 0..<config.layers {
      layers.append(try AudioEncoderLayer(config, keyBias: true, weights["layers"][index]))
    }
    self.layers = layers
    finalNorm = try LayerNorm(config.width, weights["ln_post"])
    expand = try Linear(config.width, config.width, weights["proj1"], hasBias: true)
    contract = try Linear(config.width, outputs, weights["proj2"], hasBias: true)
  }

  /// Number of audio tokens for `frames` mel frames: 13 per complete chunk of 100.
  static func tokenCount(frames: Int) -> Int {
    let rest = (0..<3).reduce(frames % 100) { size, _ in PitchTimeConvolution.halved(size) }
    return frames / 100 * 13 + rest
  }

  /// Whether the convolutions return `tokenCount` tokens with chunks of `chunk` frames.
  /// `tokenCount` assumes chunks of 100, independent of `n_window`, so a chunk of any other size
  /// must contain all of the audio.
  static func counts(frames: Int, chunk: Int) -> Bool {
    guard chunk != 100 else { return true }
    let made = (0..<3).reduce(frames) { size, _ in PitchTimeConvolution.halved(size) }
    return frames <= chunk && tokenCount(frames: frames) == made
  }

  func callAsFunction(
    _ mel: Tensor, _ cancellation: Cancellation
  ) throws(PrefillError) -> EncodedModality {
    var x = Tensor.zeros([0, config.width])
    let chunks = stride(from: 0, to: mel.columns, by: config.chunkFrames).map {
      $0..<min($0 + config.chunkFrames, mel.columns)
    }
    let longest = chunks.map { Self.tokenCount(frames: $0.count) }.max() ?? 0
    let positions = AudioPositions.table(longest, width: config.width)
    for chunk in chunks {
      try cancellation.check()
      x.appendRows(convolved(mel, chunk, positions))
    }
    let blocks = blockLengths(frames: mel.columns)
    var inputs = AttentionInputs(width: config.width)
    for (index, layer) in layers.enumerated() {
      try cancellation.check(block: index, of: layers.count)
      layer(&x, blockLengths: blocks, &inputs)
    }
    var thought = expand(finalNorm(x))
    thought.applyGELU()
    return EncodedModality(
      features: contract(thought),
      attention: EncoderAttention(
        queries: inputs.queries, keys: inputs.keys, headWidth: config.headWidth, group: 1,
        order: nil,
        precision: contract.precision),
      flops: flops(frames: mel.columns, blocks: blocks))
  }

  /// Applies the convolutions to one chunk and adds position embeddings: [tokens, width]. A short
  /// chunk after longer ones is first padded with silence, as in the published code.
  private func convolved(
    _ mel: Tensor, _ range: Range<Int>, _ positions: Tensor
  ) -> Tensor {
    let frames = min(mel.columns, config.chunkFrames)
    var sound = mel.columns(range).transposed()
    if sound.rows < frames {
      sound.appendRows(.zeros([frames - sound.rows, sound.columns]))
    }
    // [time, frequency, channels], with one channel.
    var x = sound.reshaped([frames, mel.rows, 1])
    for convolution in convolutions {
      x = convolution(x)
      x.applyGELU()
    }
    let tokens = Self.tokenCount(frames: range.count)
    var embedded = projection(x.channelsBeforePitch().rows(0..<tokens))
    embedded += positions.rows(0..<tokens)
    return embedded
  }

  /// Number of tokens in each attention block.
  private func blockLengths(frames: Int) -> [Int] {
    let tokens = Self.tokenCount(frames: frames)
    let chunk = Self.tokenCount(frames: min(frames, config.chunkFrames))
    let block = chunk * front.chunksPerBlock
    return stride(from: 0, to: tokens, by: max(1, block)).map { min(block, tokens - $0) }
  }

  private func flops(frames: Int, blocks: [Int]) -> Double {
    let chunks = (frames + config.chunkFrames - 1) / config.chunkFrames
    var (time, pitch, convolved) = (min(frames, config.chunkFrames), config.melBins, 0.0)
    for convolution in convolutions {
      (time, pitch) = (PitchTimeConvolution.halved(time), PitchTimeConvolution.halved(pitch))
      convolved += convolution.flops(chunks * time * pitch)
    }
    let rows = blocks.reduce(0, +)
    return convolved + layers.reduce(0) { $0 + $1.flops(blocks) }
      + [projection, expand, contract].reduce(0) { $0 + $1.flops(rows) }
  }
}

/// A convolution over time and frequency with a 3 × 3 kernel, padding of one on every side and
/// stride 2.
private struct PitchTimeConvolution: Sendable {
  /// Convolution weights, [outputs, inputs × 9]: by input, then frequency, then time.
  private let linear: Linear
  private let inputs: Int

  init(_ inputs: Int, _ outputs: Int, _ weights: Weights) throws(CheckpointError) {
    self.inputs = inputs
    linear = try Linear(
      inputs * 9, outputs, weights, hasBias: true, shape: [outputs, inputs, 3, 3])
  }

  static func halved(_ size: Int) -> Int { (size + 1) / 2 }

  /// Applies the convolution: [time, frequency, inputs] → [⌈time / 2⌉, ⌈frequency / 2⌉, outputs].
  func callAsFunction(_ x: Tensor) -> Tensor {
    let (time, pitch) = (x.shape[0], x.shape[1])
    let (times, pitches) = (Self.halved(time), Self.halved(pitch))
    var taps = [Float](repeating: 0, count: times * pitches * inputs * 9)
    for t in 0..<times {
      for p in 0..<pitches {
        let target = (t * pitches + p) * inputs * 9
        for (tap, place) in Self.places(2 * t, 2 * p, time: time, pitch: pitch) {
          for input in 0..<inputs {
            taps[target + input * 9 + tap] = x.elements[place * inputs + input]
          }
        }
      }
    }
    let result = linear(Tensor([times * pitches, inputs * 9], taps))
    return result.reshaped([times, pitches, result.columns])
  }

  /// Kernel positions inside the input, each with its index frequency × 3 + time.
  private static func places(
    _ t: Int, _ p: Int, time: Int, pitch: Int
  ) -> [(tap: Int, place: Int)] {
    (0..<9).compactMap { tap in
      let (atPitch, atTime) = (p + tap / 3 - 1, t + tap % 3 - 1)
      guard (0..<pitch).contains(atPitch), (0..<time).contains(atTime) else { return nil }
      return (tap, atTime * pitch + atPitch)
    }
  }

  func flops(_ places: Int) -> Double { linear.flops(places) }
}

extension Tensor {
  /// Reorders [time, frequency, channels] to [time, channels × frequency].
  fileprivate func channelsBeforePitch() -> Tensor {
    let (times, pitches, channels) = (shape[0], shape[1], shape[2])
    var turned: [Float] = []
    turned.reserveCapacity(elements.count)
    for time in 0..<times {
      for channel in 0..<channels {
        for pitch in 0..<pitches {
          turned.append(elements[(time * pitches + pitch) * channels + channel])
        }
      }
    }
    return Tensor([times, channels * pitches], turned)
  }
}
