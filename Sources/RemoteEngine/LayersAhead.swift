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
  /// Values of its output that are read next, requested with it.
  var values: [SentRequest] = []

  /// All requests of this layer.
  var requests: [SentRequest] { [request] + values }
}

/// Requested embeddings of a prompt.
struct SentEmbedding: Sendable {
  let prompt, output: RemoteState
  let request: SentRequest
}

/// Layers requested ahead of use, in order.
final class LayersAhead: Sendable {
  private let layers = Mutex<[SentLayer]>([])

  /// The requested layer with this input; nil if it was not requested.
  /// - Parameter input: number of its input, of which all `rows` enter.
  func take(_ layer: Int, after input: Int, rows: Int, outputs: Int) -> SentLayer? {
    layers.withLock { layers in
      guard let first = layers.first, first.layer == layer, first.before.number == input,
        first.rows == rows, first.outputs == outputs
      else { return nil }
      return layers.removeFirst()
    }
  }

  /// Cancels the requests whose answers were not used.
  func replace(_ layers: [SentLayer], _ link: EngineLink) {
    let old = self.layers.withLock { current in
      defer { current = layers }
      return current
    }
    link.withdraw(old.flatMap(\.requests))
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
