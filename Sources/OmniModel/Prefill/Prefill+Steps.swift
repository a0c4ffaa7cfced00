import Basics
import Selection

extension Prefill {
  mutating func runEncoders(_ cancellation: Cancellation) throws(PrefillError) -> StepOutcome {
    let clock = StepClock()
    let media = try engine.encode(
      reusing: media, before: plan.encoderRule, cancellation)
    encoded = EncodedPrompt(embeddings: try engine.embed(media), media: media)
    let counts = ModalityCounts(prompt.modalities)
    var outcome = StepOutcome(
      step: .encoders, entering: counts, leaving: counts,
      computeSeconds: media.seconds ?? clock.total,
      selectionSeconds: 0, executedFlops: media.flops, selectionFlops: 0, drop: nil)
    outcome.vision = media.vision
    outcome.audio = media.audio
    // Writing is not part of the step; incomplete outputs are not stored.
    if !cancellation.isRequested { engine.store(media) }
    return outcome
  }

  mutating func runStage1(_ cancellation: Cancellation) throws(PrefillError) -> StepOutcome {
    var clock = StepClock()
    guard let encoded else { preconditionFailure("Stage I before the encoders") }
    let everything = Array(prompt.modalities.indices)
    var decision = Decision(keeping: everything)
    if let rule = plan.encoderRule {
      engine.expect(rule, of: encoded.media)
      let outcome = try asking {
        try rule.select(each: encoderInputs(encoded.media, cancellation))
      }
      try check(outcome, .stage1)
      decision = Decision(.stage1, outcome, of: everything, seconds: 0)
      // Sums of rows are computed, and checked, by the engine.
      for rows in decision.changed.compactMap(\.numbers) {
        if let fault = NumericFault(.stage1, states: rows) { throw .broken(fault) }
      }
    }
    entrance = decision
    return StepOutcome(
      step: .stage1, entering: prompt.counts(everything), leaving: prompt.counts(decision.kept),
      computeSeconds: 0, selectionSeconds: clock.lap(), executedFlops: 0,
      selectionFlops: decision.flops, drop: decision.drop)
  }

  mutating func runLayer(
    _ layer: Int, _ cancellation: Cancellation
  ) throws(PrefillError) -> StepOutcome {
    let output = try output(of: layer, cancellation)
    finish(layer, output, try decision(after: layer, output))
    return outcome(ofLayer: layer)
  }

  /// Computes a layer for the tokens that survived the previous one.
  private func output(
    of layer: Int, _ cancellation: Cancellation
  ) throws(PrefillError) -> LayerOutput {
    // Discarded hidden states are recomputed before the timer starts: not a cost of this step.
    var input = try input(ofLayer: layer, cancellation)
    var clock = StepClock()
    let outputs = outputs(of: layer, input.positions, plan)
    input.following = following(layer, input.positions)
    let result = try run(layer, input, outputs: outputs, cancellation)
    let seconds = result.costs.seconds ?? clock.lap()
    return LayerOutput(
      positions: input.positions, outputs: outputs, hidden: result.hidden,
      keyValues: result.keyValues, costs: result.costs, computeSeconds: seconds,
      lastRow: outputs > 0 ? try engine.row(outputs - 1, of: result.hidden) : nil)
  }

  /// The layers up to the next boundary, which take what `layer` gives as it is.
  private func following(_ layer: Int, _ positions: [Int]) -> FollowingLayers {
    var following = FollowingLayers()
    var last = layer
    while last < layerCount, plan.boundary(afterLayer: last) == nil { last += 1 }
    following.count = last - layer
    if last == layerCount { following.outputs = outputs(of: last, positions, plan) }
    switch plan.boundary(afterLayer: last)?.rule.need ?? .nothing {
    case .nothing: break
    case .relevance:
      following.queries = positions.lastIndex { prompt.modalities[$0] == .text }.map { [$0] } ?? []
    case .questionRelevance: following.queries = questionRows(positions)
    case .hidden: following.isRead = true
    }
    return following
  }

  /// The token selection after `layer`; depends only on the layer's output and the plan.
  /// - Parameter output: the layer's output with hidden states.
  func decision(
    after layer: Int, _ output: LayerOutput
  ) throws(PrefillError) -> Decision {
    guard let boundary = plan.boundary(afterLayer: layer), let hidden = output.hidden else {
      return Decision(keeping: output.positions)
    }
    var clock = StepClock()
    let outcome = try asking {
      try boundary.rule.select(boundaryInputs(after: layer, hidden, positions: output.positions))
    }
    try check(outcome, .relevance(afterLayer: layer))
    return Decision(boundary.rule.kind, outcome, of: output.positions, seconds: clock.lap())
  }

  /// Throws `PrefillError.broken` if a score of the rule is not finite.
  private func check(
    _ outcome: RuleOutcome, _ place: NumericFault.Place
  ) throws(PrefillError) {
    guard outcome.scores.allSatisfy(\.isFinite) else {
      throw .broken(NumericFault(place, .notFinite))
    }
  }

  /// Appends a finished layer, and discards hidden states beyond the memory limit.
  mutating func finish(_ layer: Int, _ output: LayerOutput, _ decision: Decision) {
    layers.append(FinishedLayer(output: output, decision: decision))
    forgetOldSnapshots()
  }

  /// The measurements of a finished layer.
  func outcome(ofLayer layer: Int) -> StepOutcome {
    let (output, decision) = (layers[layer - 1].output, layers[layer - 1].decision)
    var outcome = StepOutcome(
      step: .layer(layer), entering: prompt.counts(output.positions),
      leaving: prompt.counts(decision.kept), computeSeconds: output.computeSeconds,
      selectionSeconds: decision.seconds, executedFlops: output.costs.flops,
      selectionFlops: decision.flops, drop: decision.drop)
    outcome.attentionSeconds = output.costs.attentionSeconds
    outcome.feedForwardSeconds = output.costs.feedForwardSeconds
    outcome.feedForwardFlops = output.costs.feedForwardFlops
    return outcome
  }

  mutating func runHead() throws(PrefillError) -> StepOutcome {
    // Hidden states of the last layer are never discarded.
    guard let last = layers.last, let hidden = last.output.hidden, let row = last.keptRows.last
    else { preconditionFailure("the head before the last layer") }
    var clock = StepClock()
    let skipped = last.output.positions.count - last.output.outputs
    let (logits, flops) = try engine.logits(after: row - skipped, of: hidden)
    if let fault = NumericFault(logits: logits) { throw .broken(fault) }
    firstLogits = logits
    let counts = prompt.counts(last.kept)
    return StepOutcome(
      step: .head, entering: counts, leaving: counts, computeSeconds: clock.lap(),
      selectionSeconds: 0, executedFlops: flops, selectionFlops: 0, drop: nil)
  }
}
