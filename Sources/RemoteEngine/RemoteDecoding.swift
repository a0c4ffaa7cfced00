import OmniModel
import Synchronization
import Tensors

/// Decodes an answer in the engine. Each token creates a new state, so that copies decode independently.
///
/// The engine decodes greedily ahead of the calls: with a token, those that are most likely after it are
/// requested too.
struct RemoteDecoding: TokenDecoding {
  let layers: [RemoteState]
  /// Keys and values of the tokens to which the answer attends.
  let positions: [Int]
  let nextPosition: Float
  /// Ids after which nothing is decoded ahead.
  let stopTokens: [Int]
  let vocabulary: Int
  let link: EngineLink
  private let ahead: TokensAhead
  /// State of the KV caches; nil before the first token.
  private var state: RemoteState?
  /// Number of calls that the answer may still need.
  private var left: Int
  private(set) var seconds: Double?

  /// - Parameter longest: maximum number of tokens of the answer; the first is known before.
  init(
    layers: [RemoteState], positions: [Int], nextPosition: Float, stopTokens: [Int], longest: Int,
    vocabulary: Int, link: EngineLink
  ) {
    self.layers = layers
    self.positions = positions
    self.nextPosition = nextPosition
    self.stopTokens = stopTokens
    self.vocabulary = vocabulary
    self.link = link
    ahead = TokensAhead(link)
    left = max(1, longest - 1)
  }

  mutating func logits(after token: Int) throws(PrefillError) -> [Float] {
    do {
      return try advance(token, best: nil).floats("logits", vocabulary)
    } catch {
      throw PrefillError(ofEngine: error)
    }
  }

  /// Only the two largest logits are transferred.
  mutating func next(after token: Int) throws(PrefillError) -> Int {
    do {
      let before = self
      let answer = try advance(token, best: 2)
      let best = try answer.floats("logits", min(2, vocabulary))
      guard let first = best.first, first.isFinite else {
        throw PrefillError.broken(NumericFault(.head, .notFinite))
      }
      if let id = answer.tensors["ids"]?.indices?.first, id < vocabulary, best[1...] != [first] {
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
    let (output, answer) = try answer(to: token, best)
    if let fault = NumericFault(.layer(layers.count), answer["fault"]) {
      throw PrefillError.broken(fault)
    }
    state = output
    left = max(1, left - 1)
    seconds = answer["ms"]?.duration
    return answer
  }

  /// The state and the answer after one more token: requested ahead, or now.
  private func answer(to token: Int, _ best: Int?) throws -> (RemoteState, EngineFrame) {
    if best == TokensAhead.best, let answer = try answerAhead(to: token) { return answer }
    ahead.clear()
    let (before, decoder) = try started()
    let output = RemoteState(link)
    var header: [String: RequestValue] = [
      "input": .number(before.number), "output": .number(output.number), "token": .number(token),
    ]
    header["best"] = best.map { .number($0) }
    let request = link.send("token", header)
    if best == TokensAhead.best { ahead.fill(after: output, left: left - 1, stopTokens) }
    if let decoder { _ = try link.answer(decoder, Cancellation()) }
    return (output, try link.answer(request, Cancellation()))
  }

  /// The state and the answer after a token that was requested ahead; nil if there is none for this token.
  private func answerAhead(to token: Int) throws(EngineFault) -> (RemoteState, EngineFrame)? {
    guard let state, let sent = ahead.take(after: state) else { return nil }
    ahead.fill(after: sent.output, left: left - 1, stopTokens)
    let answer: EngineFrame
    do throws(EngineFault) {
      answer = try link.answer(sent.request, Cancellation())
    } catch {
      // After a stop token, from which the caller goes on.
      if error.kind == .cancelled { return nil }
      throw error
    }
    return answer["token"]?.integer == token ? (sent.output, answer) : nil
  }

  /// The state before the next token; before the first, the request that makes it.
  private func started() throws -> (RemoteState, SentRequest?) {
    if let state {
      guard state.isKept else { throw EngineFault(.restarted, reason: "") }
      return (state, nil)
    }
    guard layers.allSatisfy(\.isKept) else { throw EngineFault(.restarted, reason: "") }
    let made = RemoteState(link)
    let request = link.send(
      "decoder",
      [
        "layers": .list(layers.map { .number($0.number) }), "output": .number(made.number),
        "next_position": .real(Double(nextPosition)),
      ], [(name: "positions", tensor: EngineTensor(positions))])
    return (made, request)
  }
}

/// Tokens of an answer that are requested ahead, each the most likely one after the one before.
final class TokensAhead: Sendable {
  struct Sent {
    let before, output: RemoteState
    let request: SentRequest
  }

  /// Number of the largest logits that are requested.
  static let best = 2
  /// Maximum number of tokens requested ahead.
  static let most = 16

  private let link: EngineLink
  private let sent = Mutex<[Sent]>([])

  init(_ link: EngineLink) { self.link = link }

  deinit { clear() }

  /// Takes the token requested after this state; nil if there is none.
  func take(after state: RemoteState) -> Sent? {
    sent.withLock { sent in
      guard let first = sent.first, first.before === state else { return nil }
      return sent.removeFirst()
    }
  }

  /// Requests tokens after the last one that was requested.
  /// - Parameters:
  ///   - state: the state before the first of them, if none is requested.
  ///   - left: number of tokens that the answer may still need.
  func fill(after state: RemoteState, left: Int, _ stopTokens: [Int]) {
    sent.withLock { sent in
      let wanted = min(Self.most, left)
      // In groups: each request ends a wait only once.
      guard sent.count <= wanted / 2 else { return }
      while sent.count < wanted {
        let (before, output) = (sent.last?.output ?? state, RemoteState(link))
        let request = link.send(
          "token",
          [
            "input": .number(before.number), "output": .number(output.number),
            "best": .number(Self.best), "stop": .list(stopTokens.map(RequestValue.number)),
          ])
        sent.append(Sent(before: before, output: output, request: request))
      }
    }
  }

  /// Cancels the requests whose answers were not used.
  func clear() {
    let old = sent.withLock { sent in
      defer { sent = [] }
      return sent
    }
    link.withdraw(old.map(\.request))
  }
}
