/// Greedy decoding of an answer after a prefill, with the KV cache of the surviving tokens.
public struct Decoding: Sendable {
  private var engine: any TokenDecoding
  /// Logits of the first token.
  private let first: [Float]
  /// Token ids of the answer so far.
  public private(set) var tokens: [Int] = []

  /// Starts decoding after a prefill.
  /// - Parameters:
  ///   - prefill: a completed prefill.
  ///   - longest: maximum number of tokens of the answer.
  public init(_ prefill: Prefill, longest: Int = .max) {
    precondition(prefill.isComplete, "decoding needs a complete prefill")
    engine = prefill.engine.decoding(after: prefill.caches(), longest: longest)
    first = prefill.logits
  }

  /// Time of the last token in seconds, by the engine's own clock; nil: the wall time of the call.
  public var seconds: Double? { tokens.count > 1 ? engine.seconds : nil }

  /// Appends the most likely next token to `tokens` and returns it; the lowest id wins ties.
  /// - Throws: `PrefillError.broken` for invalid or equal logits, and errors of the engine;
  ///   `tokens` are unchanged in these cases.
  public mutating func next() throws(PrefillError) -> Int {
    let next = if let last = tokens.last { try following(last) } else { Self.best(first) }
    tokens.append(next)
    return next
  }

  private static func best(_ logits: [Float]) -> Int {
    var best = 0
    for (id, logit) in logits.enumerated() where logit > logits[best] { best = id }
    return best
  }

  /// Runs one token through all layers, and gives the one after it.
  private mutating func following(_ id: Int) throws(PrefillError) -> Int {
    do throws(PrefillError) {
      return try engine.next(after: id)
    } catch {
      guard case .broken(var fault) = error else { throw error }
      fault.answerToken = tokens.count + 1
      throw .broken(fault)
    }
  }
}
