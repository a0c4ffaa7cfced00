import OmniModel
import Selection
import Tensors

/// Measures the encoders, matrix products of the vision encoder alone, and Stage I of SEATS, on a
/// clip of 4 s at 448 × 448 with audio.
struct EncoderBenchmark {
  private let thinker: Thinker
  private let side = 448
  private let seconds = 4

  init() throws {
    // The decoder is not used.
    thinker = try Thinker(.dummy(.qwen25Omni3B, layers: 1), compute: .bf16)
  }

  func measure(_ table: Table) throws {
    table.title("encoders and Stage I, \(seconds) s of \(side) × \(side) with audio")
    let video = PixelFrames(
      (0..<2 * seconds).map { frame in
        (0..<side * side * 3).map { UInt8(truncatingIfNeeded: ($0 &* 37 + frame * 101) >> 3) }
      }, height: side, width: side)
    let sound = (0..<16_000 * seconds).map { Float(($0 &* 7919) % 1000) / 1000 - 0.5 }
    try encode(ClipInput(question: "", video: video), "vision", table)
    let patches = seconds * (side / 14) * (side / 14)
    try products("vision", rows: patches, inner: 3420, isGated: true, table)
    try encode(ClipInput(question: "", waveform: sound), "audio", table)
    try products("audio", rows: 50 * seconds, inner: 5120, isGated: false, table)
    try select(ClipInput(question: "", video: video, waveform: sound), table)
  }

  private func encode(_ clip: ClipInput, _ name: String, _ table: Table) throws {
    let prompt = try Prompt(clip, for: thinker)
    var flops = 0.0
    let laps = try Laps(2) {
      var prefill = Prefill(prompt, thinker: thinker, plan: .full)
      flops = try prefill.advance(Cancellation())?.executedFlops ?? 0
    }
    table.row("\(name), \(prompt.ids.count) tokens", laps, flops: flops)
  }

  /// Measures the matrix products of one block, with a gated MLP (vision) or a plain one (audio).
  private func products(_ name: String, rows: Int, inner: Int, isGated: Bool, _ table: Table) throws
  {
    let width = 1280
    let square = PackedWeights.rounded(try PackedMatrix(.noise(width, width)))
    let into = try PackedMatrix(roomFor: inner, inputs: width, isPaired: isGated)
    for part in 0..<(isGated ? 2 : 1) {
      Tensor.noise(inner, width).elements.withUnsafeBytes { into.fill($0, .float32, part: part) }
    }
    let out = PackedWeights.rounded(try PackedMatrix(.noise(width, inner)))
    let bias = [Float](repeating: 0.5, count: inner)
    let x = Activations(.noise(rows, width), .bfloat16)
    let thought = Activations(.noise(rows, inner), .bfloat16)
    var sums = Tensor.zeros([rows, width])
    var wide = Tensor.zeros([rows, inner])
    let laps = Laps(3) {
      for _ in 0..<4 { square.multiply(x, bias: Array(bias[..<width]), into: &sums) }
      if isGated {
        _ = PackedWeights.rounded(into).gated(x, gateBias: bias, upBias: bias)
      } else {
        PackedWeights.rounded(into).multiply(x, bias: bias, into: &wide)
      }
      out.add(thought, bias: nil, to: &sums)
    }
    let flops = 2 * Double(rows * width) * Double(4 * width + (isGated ? 3 : 2) * inner)
    table.row("products of a block, \(name)", laps, flops: flops)
  }

  private func select(_ clip: ClipInput, _ table: Table) throws {
    let prompt = try Prompt(clip, for: thinker)
    var settings = SelectionSettings(defaultsForLayers: 36)
    settings.budget = .init(nominalPercent: 10)
    let plan = settings.plan(for: prompt.shape(layers: 36))
    var encoded = Prefill(prompt, thinker: thinker, plan: plan)
    try encoded.advance(Cancellation())
    var flops = 0.0
    let laps = try Laps(5) {
      var prefill = encoded
      flops = try prefill.advance(Cancellation())?.selectionFlops ?? 0
    }
    table.row("Stage I, \(prompt.ids.count) tokens", laps, flops: flops)
  }
}
