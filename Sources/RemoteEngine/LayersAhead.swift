import Synchronization

/// A requested layer.
struct SentLayer: Sendable {
  let layer: Int
  /// Input of the layer, held by the engine until the layer has run.
  let before: RemoteState
  let rows: Int
  let outputs: Int
  let output: RemoteState
  let keys: RemoteState
  let request: SentRequest
  /// Request for the relevance after the layer, and its query row; nil if not requested.
  var relevance: SentRequest?
  var query: Int?
  /// Request for the logits, if it is the last layer.
  var logits: SentRequest?

  /// All requests of this layer.
  var requests: [SentRequest] { [request] + [relevance, logits].compactMap { $0 } }
}

/// Requested embeddings of a prompt.
struct SentEmbedding: Sendable {
  let prompt, output: RemoteState
  let request: SentRequest
}

/// Layers requested ahead of use, in order.
final class LayersAhead: Sendable {
  private struct State {
    var layers: [SentLayer] = []
    /// Relevance of a finished layer, with the number of its output state.
    var relevance: (output: Int, query: Int, request: SentRequest)?
    /// Logits, with the number of the output state.
    var logits: (output: Int, request: SentRequest)?
  }

  private let state = Mutex(State())

  /// The requested layer with this input; nil if it was not requested.
  /// - Parameter input: number of its input, of which all `rows` enter.
  func take(_ layer: Int, after input: Int, rows: Int, outputs: Int) -> SentLayer? {
    state.withLock { state in
      guard let first = state.layers.first, first.layer == layer, first.before.number == input,
        first.rows == rows, first.outputs == outputs
      else { return nil }
      return state.layers.removeFirst()
    }
  }

  /// Cancels the requests whose answers were not used.
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

  /// The request for the relevance after a layer; nil if it was not sent.
  func relevance(after output: Int, query: Int) -> SentRequest? {
    state.withLock { state in
      state.relevance.flatMap { $0.output == output && $0.query == query ? $0.request : nil }
    }
  }
}

/// A value that is set later and shared by all copies.
final class RemoteSlot<Value: Sendable>: Sendable {
  private let state = Mutex<Value?>(nil)

  var value: Value? {
    get { state.withLock { $0 } }
    set { state.withLock { $0 = newValue } }
  }
}
