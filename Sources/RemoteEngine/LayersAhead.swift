import Synchronization

/// A layer that was requested.
struct SentLayer: Sendable {
  let layer: Int
  /// Its input, which the engine has to keep until it has run.
  let before: RemoteState
  let rows: Int
  let outputs: Int
  let output: RemoteState
  let keys: RemoteState
  let request: SentRequest
  /// The relevance after it, where that was requested too, and the row that asks.
  var relevance: SentRequest?
  var query: Int?
  /// The logits after it, where it is the last.
  var logits: SentRequest?

  /// What was sent with it.
  var requests: [SentRequest] { [request] + [relevance, logits].compactMap { $0 } }
}

/// The embeddings of a prompt that were requested.
struct SentEmbedding: Sendable {
  let prompt, output: RemoteState
  let request: SentRequest
}

/// Layers that were requested before they were asked for, in order.
final class LayersAhead: Sendable {
  private struct State {
    var layers: [SentLayer] = []
    /// The relevance of a finished layer, by the number of its output.
    var relevance: (output: Int, query: Int, request: SentRequest)?
    /// The logits of its only row, by the number of an output.
    var logits: (output: Int, request: SentRequest)?
  }

  private let state = Mutex(State())

  /// The layer, if it was requested with this input.
  /// - Parameter input: number of its input, of which all `rows` enter.
  func take(_ layer: Int, after input: Int, rows: Int, outputs: Int) -> SentLayer? {
    state.withLock { state in
      guard let first = state.layers.first, first.layer == layer, first.before.number == input,
        first.rows == rows, first.outputs == outputs
      else { return nil }
      return state.layers.removeFirst()
    }
  }

  /// Cancels what was requested and not taken.
  func replace(_ layers: [SentLayer], _ link: EngineLink) {
    let old = state.withLock { state in
      defer { state.layers = layers }
      return state.layers
    }
    link.withdraw(old.flatMap(\.requests))
  }

  func keep(_ relevance: SentRequest, after output: Int, query: Int) {
    state.withLock { $0.relevance = (output, query, relevance) }
  }

  func keep(logits request: SentRequest, of output: Int) {
    state.withLock { $0.logits = (output, request) }
  }

  func logits(of output: Int) -> SentRequest? {
    state.withLock { state in state.logits.flatMap { $0.output == output ? $0.request : nil } }
  }

  /// The relevance after a layer, if it was requested; also where it is asked for again.
  func relevance(after output: Int, query: Int) -> SentRequest? {
    state.withLock { state in
      state.relevance.flatMap { $0.output == output && $0.query == query ? $0.request : nil }
    }
  }
}

/// A value that is set once it is known, shared by all copies.
final class RemoteSlot<Value: Sendable>: Sendable {
  private let state = Mutex<Value?>(nil)

  var value: Value? {
    get { state.withLock { $0 } }
    set { state.withLock { $0 = newValue } }
  }
}
