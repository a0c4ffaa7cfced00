/// Greedy decoding of an answer after a prefill, with the KV cache of the surviving tokens.
public struct Decoding: Sendable {
  private var engine: any TokenDecoding
  private var logits: [Float]
  /// Token ids of the answer so far.
  public private(set) var tokens: [Int] = []

  /// Starts decoding after a prefill.
  /// - Parameter prefill: a completed prefill.
  public init(_ prefill: Prefill) {
    precondition(prefill.isComplete, "decoding needs a complete prefill")
    engine = prefill.engine.decoding(after: prefill.caches())
    logits = prefill.logits
  }

  /// Appends the most likely next token to `tokens` and returns it; the lowest id wins ties.
  /// - Throws: `PrefillError.broken` for invalid or equal logits, and errors of the engine;
  ///   `tokens` are unchanged in these cases.
  public mutating func next() throws(PrefillError) -> Int {
    if let last = tokens.last { try feed(last) }
    var best = 0
    for (id, logit) in logits.enumerated() where logit > logits[best] { best = id }
    tokens.append(best)
    return best
  }

  /// Runs one token through all layers, which gives the logits of the next.
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
