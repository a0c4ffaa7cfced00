import Tensors

/// Greedy decoding after a prefill, over the keys and values of the survivors.
public struct Decoding: Sendable {
  private let thinker: Thinker
  private var caches: [KeyValues?]
  private var nextPosition: Float
  private var logits: [Float]
  /// Ids so far.
  public private(set) var tokens: [Int] = []

  /// - Parameter prefill: a complete one.
  public init(_ prefill: Prefill) {
    precondition(prefill.isComplete, "decoding needs a complete prefill")
    thinker = prefill.thinker
    caches = prefill.caches()
    nextPosition = prefill.prompt.layout.nextPosition
    logits = prefill.logits
  }

  /// The most likely next token (the first wins ties), appended to `tokens`.
  /// - Throws: `PrefillError.broken` for invalid or equal logits.
  public mutating func next() throws(PrefillError) -> Int {
    if let last = tokens.last { try feed(last) }
    var best = 0
    for (id, logit) in logits.enumerated() where logit > logits[best] { best = id }
    tokens.append(best)
    return best
  }

  /// Computes a token through all layers.
  private mutating func feed(_ id: Int) throws(PrefillError) {
    let decoder = thinker.decoder
    var x = decoder.embedding.rows([id])
    try check(NumericFault(.embedding, states: x))
    let rotary = RotaryTable([SIMD3(repeating: nextPosition)], decoder.config)
    for (index, layer) in decoder.layers.enumerated() {
      _ = layer(&x, rotary, cache: &caches[index])
      try check(NumericFault(.layer(index + 1), states: x))
    }
    nextPosition += 1
    logits = decoder.logits(x, row: 0)
    try check(NumericFault(logits: logits))
  }

  private func check(_ fault: NumericFault?) throws(PrefillError) {
    guard var fault else { return }
    fault.answerToken = tokens.count + 1
    throw .broken(fault)
  }
}
