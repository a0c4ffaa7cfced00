import Selection
import Tensors

extension Prefill {
  mutating func runEncoders(_ cancellation: Cancellation) throws(PrefillError) -> StepOutcome {
    let clock = StepClock()
    let fresh = media == nil
    let media =
      if let shared = self.media { shared } else {
        try EncodedMedia(prompt, thinker, cancellation)
      }
    let embeddings = embeddings(media)
    guard embeddings.isFinite else { throw .notFinite(.encoders) }
    encoded = EncodedPrompt(embeddings: embeddings, media: media)
    let counts = ModalityCounts(prompt.modalities)
    var outcome = StepOutcome(
      step: .encoders, entering: counts, leaving: counts, computeSeconds: clock.total,
      selectionSeconds: 0, executedFlops: fresh ? media.flops : 0, selectionFlops: 0, drop: nil)
    outcome.visionSeconds = fresh ? media.visionSeconds : 0
    outcome.audioSeconds = fresh ? media.audioSeconds : 0
    return outcome
  }

  private func embeddings(_ media: EncodedMedia) -> Tensor {
    var embeddings = thinker.decoder.embedding.rows(prompt.ids)
    for (position, source) in prompt.layout.sources.enumerated() {
      let (features, index): (Tensor?, Int) =
        switch source {
        case .text: (nil, 0)
        case .audio(let index): (media.audio?.features, index)
        case .image(let index): (media.image?.features, index)
        case .video(let index): (media.video?.features, index)
        }
      if let features { embeddings.scatterRows(features.rows(index..<index + 1), to: [position]) }
    }
    return embeddings
  }

  mutating func runStage1() -> StepOutcome {
    var clock = StepClock()
    let counts = ModalityCounts(prompt.modalities)
    guard let encoded else { preconditionFailure("Stage I before the encoders") }
    let choice = EncoderStage(encoded, prompt, thinker).choose(plan.encoderRule)
    entrance = Passage(
      positions: choice.kept, hidden: choice.embeddings.gatherRows(choice.kept))
    let drop = plan.encoderRule.map { _ in
      DropRecord(
        kind: .stage1, path: .windows, before: Array(prompt.ids.indices), kept: choice.kept,
        scores: [], windows: [])
    }
    return StepOutcome(
      step: .stage1, entering: counts, leaving: self.counts(choice.kept), computeSeconds: 0,
      selectionSeconds: clock.lap(), executedFlops: 0, selectionFlops: choice.flops, drop: drop)
  }

  mutating func runLayer(_ layer: Int) throws(PrefillError) -> StepOutcome {
    var clock = StepClock()
    let positions = survivors
    let block = thinker.decoder.layers[layer - 1]
    let outputs = outputs(of: layer, positions)
    let (x, cache, seconds) = run(layer, positions, outputs: outputs)
    guard x.isFinite else { throw .notFinite(.layer(layer)) }
    let isWhole = outputs == positions.count
    let passage = LayerPassage(
      positions: positions, hidden: isWhole ? x : nil, lastHidden: isWhole ? nil : x,
      cache: cache, kept: positions)
    var outcome = decide(
      layer, passage, computeSeconds: clock.lap(),
      executedFlops: block.flops(positions.count, outputs: outputs))
    outcome.attentionSeconds = seconds.attention
    outcome.feedForwardSeconds = seconds.feedForward
    outcome.feedForwardFlops = block.feedForward.flops(outputs)
    return outcome
  }

  /// Applies the plan's boundary after `layer` and makes its passage the last.
  mutating func decide(
    _ layer: Int, _ passage: LayerPassage, computeSeconds: Double, executedFlops: Double
  ) -> StepOutcome {
    var passage = passage
    if passage.lastHidden == nil, passage.hidden == nil {
      passage.hidden = output(of: layer, passage.positions)
    }
    var clock = StepClock()
    var drop: DropRecord?
    var flops = 0.0
    if let hidden = passage.hidden, let boundary = plan.boundary(afterLayer: layer) {
      let block = thinker.decoder.layers[layer - 1]
      let stage = BoundaryStage(
        block: block, rotary: rotary.rows(passage.positions), positions: passage.positions,
        modalities: passage.positions.map { prompt.modalities[$0] })
      let record = stage.choose(boundary.rule, hidden: hidden)
      passage.kept = record.kept
      if !record.scores.isEmpty {
        flops = block.attention.distributionFlops(passage.positions.count)
      }
      drop = record
    }
    layers.append(passage)
    forgetOldSnapshots()
    return StepOutcome(
      step: .layer(layer), entering: counts(passage.positions), leaving: counts(passage.kept),
      computeSeconds: computeSeconds, selectionSeconds: drop == nil ? 0 : clock.lap(),
      executedFlops: executedFlops, selectionFlops: flops, drop: drop)
  }

  mutating func runHead() throws(PrefillError) -> StepOutcome {
    var clock = StepClock()
    guard let last = layers.last, let row = last.keptRows.last else {
      preconditionFailure("the head before the last layer")
    }
    let logits =
      last.lastHidden.map { thinker.decoder.logits($0, row: 0) }
      ?? thinker.decoder.logits(hiddenStates(afterLayer: layerCount), row: row)
    guard logits.allSatisfy(\.isFinite) else { throw .notFinite(.head) }
    firstLogits = logits
    let counts = counts(last.kept)
    return StepOutcome(
      step: .head, entering: counts, leaving: counts, computeSeconds: clock.lap(),
      selectionSeconds: 0, executedFlops: thinker.decoder.head.flops(1), selectionFlops: 0,
      drop: nil)
  }

  private func counts(_ positions: [Int]) -> ModalityCounts {
    ModalityCounts(positions.lazy.map { prompt.modalities[$0] })
  }
}
