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
    if let fault = media.fault { throw .broken(fault) }
    let embeddings = embeddings(media)
    if let fault = NumericFault(.embedding, states: embeddings) { throw .broken(fault) }
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
      guard let clip = prompt.layout.clips[position],
        let (encoded, token) = media.clips[clip].modality(of: source)
      else { continue }
      embeddings.scatterRows(encoded.features.rows(token..<token + 1), to: [position])
    }
    return embeddings
  }

  mutating func runStage1() throws(PrefillError) -> StepOutcome {
    var clock = StepClock()
    let counts = ModalityCounts(prompt.modalities)
    guard let encoded else { preconditionFailure("Stage I before the encoders") }
    let everything = Array(prompt.ids.indices)
    let outcome =
      plan.encoderRule?.select(each: EncoderInputs.each(encoded.media, prompt, thinker))
      ?? RuleOutcome(kept: everything, path: .noChoice)
    let hidden = encoded.embeddings.gatherRows(outcome.kept, changedBy: outcome)
    if let fault = NumericFault(.stage1, states: hidden) { throw .broken(fault) }
    guard outcome.scores.allSatisfy(\.isFinite) else {
      throw .broken(NumericFault(.stage1, .notFinite))
    }
    entrance = Passage(positions: outcome.kept, hidden: hidden)
    let drop = plan.encoderRule.map { _ in DropRecord(.stage1, outcome, before: everything) }
    return StepOutcome(
      step: .stage1, entering: counts, leaving: self.counts(outcome.kept), computeSeconds: 0,
      selectionSeconds: clock.lap(), executedFlops: 0, selectionFlops: outcome.flops, drop: drop)
  }

  mutating func runLayer(_ layer: Int) throws(PrefillError) -> StepOutcome {
    let output = try output(of: layer)
    finish(layer, output, try decision(after: layer, output))
    return outcome(ofLayer: layer)
  }

  /// Computes a layer for the survivors of the previous one.
  private func output(of layer: Int) throws(PrefillError) -> LayerOutput {
    // Recomputed before the timer starts: not part of this step.
    let before = layer > 1 ? hiddenStates(afterLayer: layer - 1) : nil
    var clock = StepClock()
    let positions = survivors
    let outputs = outputs(of: layer, positions, plan)
    let (x, cache, seconds) = run(layer, positions, outputs: outputs, after: before)
    if let fault = NumericFault(.layer(layer), states: x) { throw .broken(fault) }
    return LayerOutput(
      positions: positions, outputs: outputs, hidden: x, cache: cache, seconds: seconds,
      computeSeconds: clock.lap())
  }

  /// The selection after `layer`, from its output and the plan only.
  /// - Parameter output: including hidden states.
  func decision(
    after layer: Int, _ output: LayerOutput
  ) throws(PrefillError) -> LayerDecision {
    guard let boundary = plan.boundary(afterLayer: layer), let hidden = output.hidden else {
      return LayerDecision(kept: output.positions, drop: nil, changed: nil, seconds: 0, flops: 0)
    }
    var clock = StepClock()
    let outcome = boundary.rule.select(
      BoundaryInputs(
        layer: layer, thinker.decoder.layers[layer - 1], rotary.rows(output.positions),
        positions: output.positions,
        modalities: output.positions.map { prompt.modalities[$0] },
        clips: prompt.clipOfToken.isEmpty ? [] : output.positions.map { prompt.clipOfToken[$0] },
        hidden: hidden))
    guard outcome.scores.allSatisfy(\.isFinite) else {
      throw .broken(NumericFault(.relevance(afterLayer: layer), .notFinite))
    }
    let drop = DropRecord(boundary.rule.kind, outcome, before: output.positions)
    let changed =
      outcome.changed.isEmpty ? nil : hidden.gatherRows(outcome.kept, changedBy: outcome)
    return LayerDecision(
      kept: drop.kept, drop: drop, changed: changed, seconds: clock.lap(), flops: outcome.flops)
  }

  /// Appends a finished layer.
  mutating func finish(_ layer: Int, _ output: LayerOutput, _ decision: LayerDecision) {
    layers.append(FinishedLayer(output: output, decision: decision))
    forgetOldSnapshots()
  }

  /// The outcome of the last step, a layer.
  func outcome(ofLayer layer: Int) -> StepOutcome {
    let block = thinker.decoder.layers[layer - 1]
    let (output, decision) = (layers[layer - 1].output, layers[layer - 1].decision)
    var outcome = StepOutcome(
      step: .layer(layer), entering: counts(output.positions), leaving: counts(decision.kept),
      computeSeconds: output.computeSeconds, selectionSeconds: decision.seconds,
      executedFlops: block.flops(output.positions.count, outputs: output.outputs),
      selectionFlops: decision.flops, drop: decision.drop)
    outcome.attentionSeconds = output.seconds.attention
    outcome.feedForwardSeconds = output.seconds.feedForward
    outcome.feedForwardFlops = block.feedForward.flops(output.outputs)
    return outcome
  }

  mutating func runHead() throws(PrefillError) -> StepOutcome {
    // The last layer's rows are never discarded.
    guard let last = layers.last, let hidden = last.output.hidden, let row = last.keptRows.last
    else { preconditionFailure("the head before the last layer") }
    var clock = StepClock()
    let skipped = last.output.positions.count - last.output.outputs
    let logits = thinker.decoder.logits(hidden, row: row - skipped)
    if let fault = NumericFault(logits: logits) { throw .broken(fault) }
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
