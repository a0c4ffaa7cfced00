/// Greedy decoding after a prefill, over the keys and values of the survivors.
public struct Decoding: Sendable {
  private var engine: any TokenDecoding
  private var logits: [Float]
  /// Ids so far.
  public private(set) var tokens: [Int] = []

  /// - Parameter prefill: a complete one.
  public init(_ prefill: Prefill) {
    precondition(prefill.isComplete, "decoding needs a complete prefill")
    engine = prefill.engine.decoding(after: prefill.caches())
    logits = prefill.logits
  }

  /// The most likely next token (the first wins ties), appended to `tokens`.
  /// - Throws: `PrefillError.broken` for invalid or equal logits, and errors of the engine; `tokens`
  ///   are unchanged then.
  public mutating func next() throws(PrefillError) -> Int {
    if let last = tokens.last { try feed(last) }
    var best = 0
    for (id, logit) in logits.enumerated() where logit > logits[best] { best = id }
    tokens.append(best)
    return best
  }

  /// Computes a token through all layers.
  private mutating func feed(_ id: Int) throws(PrefillError) {
    do throws(PrefillError) {
      let next = try engine.logits(after: id)
      if let fault = NumericFault(logits: next) { throw .broken(fault) }
      logits = next
    } catch {
      guard case .broken(var fault) = error else { throw error }
      fault.answerToken = tokens.count + 1
      throw .broken(fault)
    }
  }
}
