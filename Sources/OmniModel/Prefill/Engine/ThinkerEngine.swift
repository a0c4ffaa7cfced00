import Selection
import Tensors

/// Runs the prefill with the model loaded in this process. States contain tensors, which are
/// shared, not copied.
struct ThinkerEngine: PrefillEngine {
  let thinker: Thinker
  let prompt: Prompt
  let rotary: RotaryTable

  init(_ thinker: Thinker, _ prompt: Prompt) {
    (self.thinker, self.prompt) = (thinker, prompt)
    rotary = RotaryTable(prompt.layout.positions, thinker.configuration.text)
  }

  var layerCount: Int { thinker.configuration.text.layers }

  var hiddenBytesPerToken: Int {
    thinker.configuration.text.hiddenSize * MemoryLayout<Float>.size
  }

  var keyValueBytesPerToken: Int {
    2 * thinker.configuration.text.keyValueWidth * MemoryLayout<Float>.size
  }

  func checkMemory(snapshotBytes: Int) throws(PrefillError) {
    try PrefillMemoryEstimate(prompt, thinker, snapshotBytes: snapshotBytes).check(thinker)
  }

  func embed(_ media: EncodedMedia) throws(PrefillError) -> EngineState {
    let clips = media.clips
    var embeddings = thinker.decoder.embedding.rows(prompt.ids)
    for (position, source) in prompt.layout.sources.enumerated() {
      guard let clip = prompt.layout.clips[position],
        let (encoded, token) = clips[clip].modality(of: source)
      else { continue }
      embeddings.scatterRows(encoded.features.rows(token..<token + 1), to: [position])
    }
    if let fault = NumericFault(.embedding, states: embeddings) { throw .broken(fault) }
    return EngineState(embeddings)
  }

  func run(
    _ layer: Int, over input: LayerInput, outputs: Int, _ media: EncodedMedia,
    _ cancellation: Cancellation
  ) throws(PrefillError) -> LayerResult {
    let block = thinker.decoder.layers[layer - 1]
    var x = input.tensor
    var cache: KeyValues?
    let seconds = block(&x, rotary.rows(input.positions), cache: &cache, outputs: outputs)
    addDeepstack(layer, input.positions.suffix(outputs), media, to: &x)
    guard let cache else { preconditionFailure("a layer without keys and values") }
    if let fault = NumericFault(.layer(layer), states: x) { throw .broken(fault) }
    return LayerResult(
      hidden: EngineState(x), keyValues: EngineState(cache),
      costs: LayerCosts(
        attentionSeconds: seconds.attention, feedForwardSeconds: seconds.feedForward,
        flops: block.flops(input.positions.count, outputs: outputs),
        feedForwardFlops: block.feedForward.flops(outputs)))
  }

  /// Adds the vision encoder's intermediate features for this layer (DeepStack) to the hidden
  /// states of the image and video tokens.
  private func addDeepstack(
    _ layer: Int, _ positions: ArraySlice<Int>, _ media: EncodedMedia, to x: inout Tensor
  ) {
    for (index, clip) in media.clips.enumerated() {
      for (encoded, modality) in [(clip.video, Modality.video), (clip.image, .image)] {
        guard let levels = encoded?.deepstack, layer <= levels.count else { continue }
        let found = positions.enumerated().compactMap { row, position in
          prompt.layout.clips[position] == index && prompt.modalities[position] == modality
            ? prompt.layout.sources[position].token.map { (row: row, token: $0) } : nil
        }
        x.addRows(levels[layer - 1].gatherRows(found.map(\.token)), to: found.map(\.row))
      }
    }
  }

  func relevance(
    afterLayer layer: Int, _ hidden: EngineState, positions: [Int], query: Int
  ) throws(PrefillError) -> BoundaryInputs.Relevance {
    try relevance(afterLayer: layer, hidden, positions: positions, queries: [query])
  }

  func relevance(
    afterLayer layer: Int, _ hidden: EngineState, positions: [Int], queries: [Int]
  ) throws(PrefillError) -> BoundaryInputs.Relevance {
    let block = thinker.decoder.layers[layer - 1]
    return BoundaryInputs.Relevance(
      scores: block.relevance(hidden.tensor, rotary.rows(positions), queries: queries),
      flops: block.attention.distributionFlops(positions.count, queries: queries.count))
  }

  func rows(of hidden: EngineState) throws(PrefillError) -> Tensor { hidden.tensor }

  func logits(
    after row: Int, of hidden: EngineState
  ) throws(PrefillError) -> (logits: [Float], flops: Double) {
    (thinker.decoder.logits(hidden.tensor, row: row), thinker.decoder.head.flops(1))
  }

  func decoding(after caches: [LayerCache]) -> any TokenDecoding {
    ThinkerDecoding(
      decoder: thinker.decoder,
      caches: caches.map { $0.keyValues.value(as: KeyValues.self).gatherRows($0.rows) },
      nextPosition: prompt.layout.nextPosition)
  }
}

/// Greedy decoding by the model in this process; the KV caches grow in place.
private struct ThinkerDecoding: TokenDecoding {
  let decoder: LanguageModel
  var caches: [KeyValues?]
  var nextPosition: Float

  mutating func logits(after token: Int) throws(PrefillError) -> [Float] {
    var x = decoder.embedding.rows([token])
    if let fault = NumericFault(.embedding, states: x) { throw .broken(fault) }
    let rotary = RotaryTable([SIMD3(repeating: nextPosition)], decoder.config)
    for (index, layer) in decoder.layers.enumerated() {
      _ = layer(&x, rotary, cache: &caches[index])
      if let fault = NumericFault(.layer(index + 1), states: x) { throw .broken(fault) }
    }
    nextPosition += 1
    return decoder.logits(x, row: 0)
  }
}

extension LayerInput {
  /// Hidden states as a tensor: [positions, hiddenSize].
  var tensor: Tensor {
    var x = hidden.tensor.gatherRows(rows)
    for change in changed { x.scatterRows(change.rows(of: hidden.tensor), to: change.offsets) }
    return x
  }
}

extension EngineState {
  fileprivate var tensor: Tensor { value(as: Tensor.self) }
}
