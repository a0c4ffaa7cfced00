import OmniModel
import Selection
import Tensors

/// A film of 14 s at 448 × 448: encoders, and Stage I of SEATS over what they make of it.
struct EncoderBenchmark {
  private let thinker: Thinker
  private let side = 448
  private let seconds = 14

  init() throws {
    // The decoder does nothing here.
    thinker = try Thinker(.dummy(.qwen25Omni3B, layers: 1), compute: .bf16)
  }

  func measure(_ table: Table) throws {
    table.title("encoders and Stage I, \(seconds) s of \(side) × \(side) with sound")
    let film = PixelFrames(
      (0..<2 * seconds).map { frame in
        (0..<side * side * 3).map { UInt8(truncatingIfNeeded: ($0 &* 37 + frame * 101) >> 3) }
      }, height: side, width: side)
    let sound = (0..<16_000 * seconds).map { Float(($0 &* 7919) % 1000) / 1000 - 0.5 }
    try encode(ClipInput(question: "", video: film), "vision", table)
    try encode(ClipInput(question: "", waveform: sound), "audio", table)
    try select(ClipInput(question: "", video: film, waveform: sound), table)
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

  private func select(_ clip: ClipInput, _ table: Table) throws {
    let prompt = try Prompt(clip, for: thinker)
    var settings = SelectionSettings(defaultsForLayers: 36)
    settings.budget = .init(nominalPercent: 10)
    let shape = PromptShape(
      layers: 36, counts: ModalityCounts(prompt.modalities),
      tokensPerGrid: prompt.videoGrid?.perTime ?? 0)
    var encoded = Prefill(prompt, thinker: thinker, plan: settings.plan(for: shape))
    try encoded.advance(Cancellation())
    var flops = 0.0
    let laps = try Laps(5) {
      var prefill = encoded
      flops = try prefill.advance(Cancellation())?.selectionFlops ?? 0
    }
    table.row("Stage I, \(prompt.ids.count) tokens", laps, flops: flops)
  }
}
