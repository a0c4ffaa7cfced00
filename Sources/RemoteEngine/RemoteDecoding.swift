import OmniModel
import Tensors

/// Decodes an answer in the engine. Each token creates a new state, so that copies decode independently.
struct RemoteDecoding: TokenDecoding {
  let layers: [RemoteState]
  /// Keys and values of the tokens to which the answer attends.
  let positions: [Int]
  let nextPosition: Float
  let facts: EngineFacts
  let link: EngineLink
  /// State of the KV caches; nil before the first token.
  private var state: RemoteState?

  init(
    layers: [RemoteState], positions: [Int], nextPosition: Float, facts: EngineFacts,
    link: EngineLink
  ) {
    self.layers = layers
    self.positions = positions
    self.nextPosition = nextPosition
    self.facts = facts
    self.link = link
  }

  mutating func logits(after token: Int) throws(PrefillError) -> [Float] {
    do {
      return try advance(token, best: nil).floats("logits", facts.vocabulary)
    } catch {
      throw PrefillError(ofEngine: error)
    }
  }

  /// Only the two largest logits are transferred.
  mutating func next(after token: Int) throws(PrefillError) -> Int {
    do {
      let before = self
      let answer = try advance(token, best: 2)
      let best = try answer.floats("logits", min(2, facts.vocabulary))
      guard let first = best.first, first.isFinite else {
        throw PrefillError.broken(NumericFault(.head, .notFinite))
      }
      if let id = answer.tensors["ids"]?.indices?.first, id < facts.vocabulary,
        best[1...] != [first]
      {
        return id
      }
      // With equal logits the first id wins, which only the complete logits show.
      self = before
      return try logits(after: token).mostLikely()
    } catch {
      throw PrefillError(ofEngine: error)
    }
  }

  private mutating func advance(_ token: Int, best: Int?) throws -> EngineFrame {
    let (before, output) = (try started(), RemoteState(link))
    var header: [String: RequestValue] = [
      "input": .number(before.number), "output": .number(output.number), "token": .number(token),
    ]
    header["best"] = best.map { .number($0) }
    let answer = try link.ask("token", header)
    if let fault = NumericFault(.layer(layers.count), answer["fault"]) {
      throw PrefillError.broken(fault)
    }
    state = output
    return answer
  }

  private func started() throws -> RemoteState {
    if let state {
      guard state.isKept else { throw EngineFault(.restarted, reason: "") }
      return state
    }
    guard layers.allSatisfy(\.isKept) else { throw EngineFault(.restarted, reason: "") }
    let made = RemoteState(link)
    _ = try link.ask(
      "decoder",
      [
        "layers": .list(layers.map { .number($0.number) }), "output": .number(made.number),
        "next_position": .real(Double(nextPosition)),
      ], [(name: "positions", tensor: EngineTensor(positions))])
    return made
  }
}
