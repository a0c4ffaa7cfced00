import Selection
import Tensors

/// Predictions, attention and relevance beside the steps of a prefill. Everything here is computed from kept states, so that it
/// does not depend on how the prefill came to its state, and costs no time of a step.
extension Prefill {
  /// Finished decoder layers.
  public var finishedLayers: Int { layers.count }

  /// Next-token distributions after some finished layers.
  /// - Parameters:
  ///   - wanted: layers, ascending.
  ///   - count: number of most likely tokens.
  /// - Returns: one per layer, nil where the hidden states give no distribution; nil if the engine
  ///   does not offer them.
  public func predictions(
    afterLayers wanted: [Int], best count: Int, _ cancellation: Cancellation
  ) throws(PrefillError) -> Measured<[NextTokenPrediction?]>? {
    var rows = wanted.compactMap { layers[$0 - 1].output.lastRow }
    guard rows.count == wanted.count, !rows.isEmpty else { return nil }
    var final: Int?
    if isComplete, let last = layers.last?.output.lastRow {
      if wanted.last != layerCount { rows.append(last) }
      final = rows.count - 1
    }
    let request = PredictionRequest(rows: rows, final: final, best: count)
    let found = try stopping(cancellation) { () throws(PrefillError) in
      try engine.predictions(request, cancellation)
    }
    return found.map {
      Measured(Array($0.value.prefix(wanted.count)), flops: $0.flops, seconds: $0.seconds)
    }
  }

  /// Attention of the next token's row in a finished layer, summed by modality.
  /// - Returns: sums for each head; nil if the engine does not offer them.
  public func attentionByModality(
    inLayer layer: Int, _ cancellation: Cancellation
  ) throws(PrefillError) -> Measured<[ModalityShares]>? {
    guard let query = try attentionQuery(layer) else { return nil }
    let groups = layers[layer - 1].output.positions.map { prompt.modalities[$0].group }
    let found = try stopping(cancellation) { () throws(PrefillError) in
      try engine.attention(query, groups: groups, groupCount: Modality.allCases.count)
    }
    return found.map {
      Measured($0.value.map(ModalityShares.init), flops: $0.flops, seconds: $0.seconds)
    }
  }

  /// Attention weights of the next token's row in one head of a finished layer.
  /// - Parameter head: counted from 0.
  /// - Returns: prompt positions with their weights, with sum 1; nil if the engine does not offer
  ///   them, or the layer has no such head.
  public func attentionWeights(
    inLayer layer: Int, head: Int, _ cancellation: Cancellation
  ) throws(PrefillError) -> (positions: [Int], weights: [Float])? {
    guard let query = try attentionQuery(layer) else { return nil }
    let found = try stopping(cancellation) { () throws(PrefillError) in
      try engine.attentionWeights(query, head: head)
    }
    return found.map { (layers[layer - 1].output.positions, $0.value) }
  }

  /// Relevance after a finished layer, whether tokens are dropped there or not: attention of the
  /// last text token, computed like that of a boundary.
  /// - Returns: prompt positions with their relevance; nil for a prompt without text.
  public func relevance(
    afterLayer layer: Int, _ cancellation: Cancellation
  ) throws(PrefillError) -> (positions: [Int], scores: [Float])? {
    let positions = layers[layer - 1].output.positions
    guard let query = positions.lastIndex(where: { prompt.modalities[$0] == .text }) else {
      return nil
    }
    let found = try stopping(cancellation) { () throws(PrefillError) in
      let hidden = try hiddenStates(afterLayer: layer, cancellation)
      return try engine.relevance(
        afterLayer: layer, hidden, positions: positions, query: query)
    }
    return (positions, found.scores)
  }

  /// The next token's row as it entered a layer; nil if the engine does not offer it.
  private func attentionQuery(_ layer: Int) throws(PrefillError) -> AttentionQuery? {
    let output = layers[layer - 1].output
    guard let position = output.positions.last, let row = try enteringRow(layer, position)
    else { return nil }
    return AttentionQuery(
      layer: layer, row: row, position: position, keyValues: output.keyValues,
      tokens: output.positions.count)
  }

  private func enteringRow(
    _ layer: Int, _ position: Int
  ) throws(PrefillError) -> EngineState? {
    let decision = layer > 1 ? layers[layer - 2].decision : entrance
    guard let decision, decision.kept.last == position else { return nil }
    // A row into which others were merged differs from the one that left the layer before.
    let isChanged = decision.changed.contains { $0.offsets.contains(decision.kept.count - 1) }
    guard !isChanged else { return nil }
    if layer > 1 {
      let before = layers[layer - 2]
      return before.output.positions.last == position ? before.output.lastRow : nil
    }
    guard let encoded else { return nil }
    return try engine.row(position, of: encoded.embeddings)
  }

  /// Runs a computation that a cancellation request stops.
  private func stopping<Value>(
    _ cancellation: Cancellation, _ compute: () throws(PrefillError) -> Value
  ) throws(PrefillError) -> Value {
    try cancellation.check()
    let isStopped = { @Sendable in cancellation.isRequested }
    let result = ProductThreads.stopping(when: isStopped) {
      Result { () throws(PrefillError) in try compute() }
    }
    try cancellation.check()
    return try result.get()
  }
}

/// Shares of attention by modality, from 0 to 1.
public struct ModalityShares: Sendable, Equatable, Codable {
  public let text, image, video, audio: Double

  public init(text: Double, image: Double = 0, video: Double, audio: Double) {
    (self.text, self.image, self.video, self.audio) = (text, image, video, audio)
  }

  /// - Parameter sums: one per group of `Modality.group`.
  init(_ sums: [Float]) {
    func sum(_ modality: Modality) -> Double { Double(sums[Int(modality.group)]) }
    self.init(
      text: sum(.text), image: sum(.image), video: sum(.video), audio: sum(.audio))
  }

  public var textAndImage: Double { text + image }

  public subscript(modality: Modality) -> Double {
    switch modality {
    case .text: text
    case .image: image
    case .video: video
    case .audio: audio
    }
  }
}

extension Modality {
  /// Number of the modality among groups of tokens.
  fileprivate var group: UInt8 {
    switch self {
    case .text: 0
    case .image: 1
    case .video: 2
    case .audio: 3
    }
  }
}
