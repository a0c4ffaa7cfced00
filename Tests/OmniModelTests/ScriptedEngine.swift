import Selection
import Synchronization
import Tensors

@testable import OmniModel

/// An engine without a model: a hidden state is a number made of everything that reached it, so that
/// two runs are the same if and only if their logits are. It logs what it is asked, and fails on demand.
struct ScriptedEngine: PrefillEngine {
  enum Call: Equatable {
    case encode, embed
    case attention(Modality)
    case features(Modality)
    case run(layer: Int, positions: [Int], outputs: Int)
    case relevance(layer: Int)
    case rows
    case logits
    case token(Int)
  }

  /// What the test sees and sets.
  final class Script: Sendable {
    private let state = Mutex(
      (calls: [Call](), failures: [Int: PrefillError](), action: (@Sendable (Call) -> Void)?.none))

    var calls: [Call] { state.withLock { $0.calls } }

    func clear() { state.withLock { $0.calls = [] } }

    /// Fails the call that comes after `index` others.
    func fail(at index: Int, _ error: PrefillError) {
      state.withLock { $0.failures[index] = error }
    }

    /// Does `action` before every call.
    func before(_ action: @escaping @Sendable (Call) -> Void) {
      state.withLock { $0.action = action }
    }

    fileprivate func take(_ call: Call) throws(PrefillError) {
      let (failure, action) = state.withLock { state in
        defer { state.calls.append(call) }
        return (state.failures.removeValue(forKey: state.calls.count), state.action)
      }
      action?(call)
      if let failure { throw failure }
    }
  }

  let script = Script()
  let layerCount: Int
  let modalities: [Modality]
  let hiddenBytesPerToken = 8
  let keyValueBytesPerToken = 16

  /// Hidden states, or keys and values.
  private struct Numbers {
    var values: [UInt64]
  }

  func checkMemory(snapshotBytes: Int) throws(PrefillError) {}

  func encode(
    reusing earlier: EncodedMedia?, _ cancellation: Cancellation
  ) throws(PrefillError) -> EncodedMedia {
    if let earlier {
      let held = EncoderUse(held: 1)
      return EncodedMedia(state: earlier.state, vision: held, audio: held, flops: 0)
    }
    try script.take(.encode)
    return EncodedMedia(
      state: EngineState("media"), vision: EncoderUse(computed: 1, seconds: 0.5),
      audio: EncoderUse(computed: 1, seconds: 0.25), flops: 1000)
  }

  func tokens(
    _ modality: Modality, ofClip clip: Int, in media: EncodedMedia, _ cancellation: Cancellation
  ) -> (any EncodedTokens)? {
    let count = modalities.count { $0 == modality }
    return count > 0 ? Tokens(modality: modality, count: count, script: script) : nil
  }

  private struct Tokens: EncodedTokens {
    let modality: Modality
    let count: Int
    let script: Script

    var features: Tensor {
      get throws {
        try script.take(.features(modality))
        return Tensor([count, 3], (0..<count * 3).map { Float($0 * $0 % 13) - 6 })
      }
    }

    func attentionReceived(in windows: SelectionWindows) throws -> [Float] {
      try script.take(.attention(modality))
      return (0..<count).map { Float($0 * 7919 % 97 + 1) / 97 }
    }

    func attentionFlops(in windows: SelectionWindows) -> Double { Double(count) }
    func keyMeans() throws -> Tensor { try features }
  }

  func embed(_ media: EncodedMedia) throws(PrefillError) -> EngineState {
    try script.take(.embed)
    return EngineState(Numbers(values: modalities.indices.map { Self.mix(7, UInt64($0)) }))
  }

  func run(
    _ layer: Int, over input: LayerInput, outputs: Int, _ media: EncodedMedia,
    _ cancellation: Cancellation
  ) throws(PrefillError) -> LayerResult {
    try script.take(.run(layer: layer, positions: input.positions, outputs: outputs))
    let hidden = input.hidden.value(as: Numbers.self).values
    var entering = input.rows.map { hidden[$0] }
    for change in input.changed {
      for (row, offset) in change.offsets.enumerated() {
        if let numbers = change.numbers {
          entering[offset] = numbers.row(row).reduce(3) { Self.mix($0, UInt64($1.bitPattern)) }
        }
        if let sum = change.sums?[row] {
          entering[offset] = zip(sum.rows, sum.weights).reduce(3) {
            Self.mix($0, hidden[$1.0] &+ UInt64($1.1.bitPattern))
          }
        }
      }
    }
    // Each token sees itself and those before it.
    var seen = UInt64(layer)
    let leaving = entering.map { value in
      seen = Self.mix(seen, value)
      return seen
    }
    let tokens = Double(entering.count)
    return LayerResult(
      hidden: EngineState(Numbers(values: leaving.suffix(outputs))),
      keyValues: EngineState(Numbers(values: entering)),
      costs: LayerCosts(
        attentionSeconds: 0.1, feedForwardSeconds: 0.2, flops: 10 * tokens, feedForwardFlops: tokens
      ))
  }

  func relevance(
    afterLayer layer: Int, _ hidden: EngineState, positions: [Int], query: Int
  ) throws(PrefillError) -> BoundaryInputs.Relevance {
    try script.take(.relevance(layer: layer))
    let values = hidden.value(as: Numbers.self).values
    return BoundaryInputs.Relevance(
      scores: values.map { Float(Self.mix($0, values[query]) % 1000) / 1000 }, flops: 5)
  }

  func rows(of hidden: EngineState) throws(PrefillError) -> Tensor {
    try script.take(.rows)
    let values = hidden.value(as: Numbers.self).values
    return Tensor([values.count, 2], values.flatMap { [Float($0 % 101), Float($0 % 89)] })
  }

  func logits(
    after row: Int, of hidden: EngineState
  ) throws(PrefillError) -> (logits: [Float], flops: Double) {
    try script.take(.logits)
    return (Self.logits(hidden.value(as: Numbers.self).values[row]), 100)
  }

  func decoding(after caches: [LayerCache]) -> any TokenDecoding {
    let context = caches.reduce(UInt64(11)) { sum, cache in
      let values = cache.keyValues.value(as: Numbers.self).values
      return cache.rows.reduce(sum) { Self.mix($0, values[$1]) }
    }
    return Answer(script: script, context: context)
  }

  private struct Answer: TokenDecoding {
    let script: Script
    var context: UInt64

    mutating func logits(after token: Int) throws(PrefillError) -> [Float] {
      try script.take(.token(token))
      context = mix(context, UInt64(token))
      return ScriptedEngine.logits(context)
    }
  }

  private static func logits(_ value: UInt64) -> [Float] {
    (0..<16).map { Float(mix(value, $0) % 10_007) }
  }

  private static func mix(_ a: UInt64, _ b: UInt64) -> UInt64 {
    let sum = (a ^ (b &* 0x9e37_79b9_7f4a_7c15)) &* 0xbf58_476d_1ce4_e5b9
    return sum ^ (sum >> 29)
  }
}
