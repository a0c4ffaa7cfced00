import Selection
import Tensors

/// The steps of a prefill, in order. Layers are counted from 1.
public enum PrefillStep: Sendable, Hashable, Codable, Comparable {
  /// Vision and audio encoders, and the prompt's embeddings.
  case encoders
  /// Stage I: which tokens enter layer 1.
  case stage1
  case layer(Int)
  /// Final norm and head for the last token: the first answer token.
  case head
}

/// A prefill that advances one step at a time, can go back, and takes a new plan midway.
///
/// It is a value: a copy is a snapshot. Encoder outputs and the prompt survive every edit; keys and
/// values of a layer never change once computed, and dropping tokens only changes which of them
/// are read later.
public struct Prefill: Sendable {
  public let thinker: Thinker
  public let prompt: Prompt
  public private(set) var plan: SelectionPlan
  /// One outcome per finished step.
  public private(set) var outcomes: [StepOutcome] = []

  private(set) var encoded: EncodedPrompt?
  /// What enters layer 1.
  private var entrance: Passage?
  /// What left each finished layer.
  private var layers: [LayerPassage] = []
  private(set) var firstLogits: [Float] = []
  private let rotary: RotaryTable
  /// Encoder outputs that were made for another question about the same clip.
  private let media: EncodedMedia?
  /// Bytes of hidden states kept for going back; beyond it the oldest are computed again on demand.
  private let snapshotBytes: Int

  public init(
    _ prompt: Prompt, thinker: Thinker, plan: SelectionPlan, media: EncodedMedia? = nil,
    snapshotBytes: Int = 1 << 30
  ) {
    self.prompt = prompt
    self.thinker = thinker
    self.plan = plan
    self.media = media
    self.snapshotBytes = snapshotBytes
    rotary = RotaryTable(prompt.layout.positions, thinker.configuration.text)
  }

  public var layerCount: Int { thinker.configuration.text.layers }
  public var isComplete: Bool { outcomes.count == layerCount + 3 }

  /// The step that `advance` will run; nil when the prefill is complete.
  public var nextStep: PrefillStep? {
    switch outcomes.count {
    case 0: .encoders
    case 1: .stage1
    case 2..<layerCount + 2: .layer(outcomes.count - 1)
    case layerCount + 2: .head
    default: nil
    }
  }

  /// Positions in the prompt of the tokens that are left, ascending.
  public var survivors: [Int] {
    layers.last?.kept ?? entrance?.positions ?? Array(prompt.ids.indices)
  }

  /// Runs the next step and what the plan asks for after it. Nothing changes when it throws.
  @discardableResult
  public mutating func advance(_ cancellation: Cancellation) throws(Cancelled) -> StepOutcome? {
    guard let step = nextStep else { return nil }
    try cancellation.check()
    let outcome: StepOutcome
    switch step {
    case .encoders: outcome = try runEncoders(cancellation)
    case .stage1: outcome = runStage1()
    case .layer(let layer): outcome = runLayer(layer)
    case .head: outcome = runHead()
    }
    outcomes.append(outcome)
    return outcome
  }

  /// Undoes the last step. False where there is none.
  @discardableResult
  public mutating func stepBack() -> Bool {
    guard !outcomes.isEmpty else { return false }
    truncate(toSteps: outcomes.count - 1)
    return true
  }

  /// Goes back until only `steps` steps are done.
  public mutating func rewind(toSteps steps: Int) {
    if steps < outcomes.count { truncate(toSteps: max(0, steps)) }
  }

  /// Puts a new plan in force and undoes the steps it changes. The layer before the first changed
  /// boundary is not run again: its decision is taken anew.
  public mutating func apply(_ newPlan: SelectionPlan) {
    let change = newPlan.firstDifference(from: plan)
    plan = newPlan
    guard let change else { return }
    guard change > 0 else {
      rewind(toSteps: 1)
      return
    }
    guard layers.count >= change else { return }
    let compute = outcomes[change + 1].computeSeconds
    let executed = outcomes[change + 1].executedFlops
    let passage = layers[change - 1]
    truncate(toSteps: change + 1)
    outcomes.append(decide(change, passage, computeSeconds: compute, executedFlops: executed))
  }

  private mutating func truncate(toSteps steps: Int) {
    outcomes.removeLast(outcomes.count - steps)
    if steps < 1 { encoded = nil }
    if steps < 2 { entrance = nil }
    layers.removeLast(max(0, layers.count - max(0, steps - 2)))
    if steps < layerCount + 3 { firstLogits = [] }
  }
}

/// What one step did.
public struct StepOutcome: Sendable {
  public let step: PrefillStep
  /// Tokens processed, and tokens left afterwards.
  public let entering, leaving: ModalityCounts
  /// Wall time of the step itself, and of the selection after it.
  public let computeSeconds, selectionSeconds: Double
  /// FLOPs executed, 2 per multiply-add: by the step, and by the selection.
  public let executedFlops, selectionFlops: Double
  public let drop: DropRecord?
  /// Encoder times; zero in other steps.
  public var visionSeconds = 0.0
  public var audioSeconds = 0.0
}

/// The encoders' output and the embeddings of the whole prompt.
public struct EncodedPrompt: Sendable {
  /// [tokens, hiddenSize]: text embeddings, with encoder outputs in their places.
  public let embeddings: Tensor
  public let media: EncodedMedia
}

/// Tokens on their way into the decoder.
private struct Passage: Sendable {
  let positions: [Int]
  /// [positions, hiddenSize].
  let hidden: Tensor
}

/// What a layer computed, before the drop, and which of it is kept.
private struct LayerPassage: Sendable {
  /// Positions the layer processed.
  let positions: [Int]
  /// [positions, hiddenSize]; nil where it was given up to save memory.
  var hidden: Tensor?
  let cache: KeyValues
  /// Positions left after the drop.
  var kept: [Int]

  /// Rows of `kept` among `positions`.
  var keptRows: [Int] { rows(of: kept, in: positions) }
}

/// Rows at which the ascending `some` stand in the ascending `all`.
private func rows(of some: [Int], in all: [Int]) -> [Int] {
  var row = 0
  return some.map { position in
    while all[row] != position { row += 1 }
    return row
  }
}

extension Prefill {
  private mutating func runEncoders(_ cancellation: Cancellation) throws(Cancelled) -> StepOutcome {
    let clock = StepClock()
    let fresh = media == nil
    let media =
      if let shared = self.media { shared } else {
        try EncodedMedia(prompt, thinker, cancellation)
      }
    encoded = EncodedPrompt(embeddings: embeddings(media), media: media)
    let counts = ModalityCounts(prompt.modalities)
    var outcome = StepOutcome(
      step: .encoders, entering: counts, leaving: counts, computeSeconds: clock.total,
      selectionSeconds: 0, executedFlops: fresh ? media.flops : 0, selectionFlops: 0, drop: nil)
    outcome.visionSeconds = fresh ? media.visionSeconds : 0
    outcome.audioSeconds = fresh ? media.audioSeconds : 0
    return outcome
  }

  private func embeddings(_ media: EncodedMedia) -> Tensor {
    var embeddings = thinker.decoder.embedding.gatherRows(prompt.ids)
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

  private mutating func runStage1() -> StepOutcome {
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

  private mutating func runLayer(_ layer: Int) -> StepOutcome {
    var clock = StepClock()
    let positions = survivors
    let block = thinker.decoder.layers[layer - 1]
    var x = input(ofLayer: layer)
    let cache = block(&x, rotary.rows(positions), past: nil)
    let passage = LayerPassage(positions: positions, hidden: x, cache: cache, kept: positions)
    return decide(
      layer, passage, computeSeconds: clock.lap(), executedFlops: block.flops(positions.count))
  }

  /// Applies the plan's boundary after `layer` and makes its passage the last.
  private mutating func decide(
    _ layer: Int, _ passage: LayerPassage, computeSeconds: Double, executedFlops: Double
  ) -> StepOutcome {
    var passage = passage
    let hidden = passage.hidden ?? output(of: layer, passage.positions)
    var clock = StepClock()
    var drop: DropRecord?
    var flops = 0.0
    if let boundary = plan.boundary(afterLayer: layer) {
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
    passage.hidden = hidden
    layers.append(passage)
    forgetOldSnapshots()
    return StepOutcome(
      step: .layer(layer), entering: counts(passage.positions), leaving: counts(passage.kept),
      computeSeconds: computeSeconds, selectionSeconds: drop == nil ? 0 : clock.lap(),
      executedFlops: executedFlops, selectionFlops: flops, drop: drop)
  }

  private mutating func runHead() -> StepOutcome {
    var clock = StepClock()
    guard let last = layers.last, let row = last.keptRows.last else {
      preconditionFailure("the head before the last layer")
    }
    firstLogits = thinker.decoder.logits(hiddenStates(afterLayer: layerCount), row: row)
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

extension Prefill {
  /// Hidden states that left a finished layer, before any drop: [tokens, hiddenSize]. Computed
  /// again where they were given up.
  func hiddenStates(afterLayer layer: Int) -> Tensor {
    layers[layer - 1].hidden ?? output(of: layer, layers[layer - 1].positions)
  }

  /// What enters `layer`: the survivors of the one before.
  private func input(ofLayer layer: Int) -> Tensor {
    guard layer > 1 else {
      guard let entrance else { preconditionFailure("layer 1 before Stage I") }
      return entrance.hidden
    }
    return hiddenStates(afterLayer: layer - 1).gatherRows(layers[layer - 2].keptRows)
  }

  /// Runs a layer again for its output.
  private func output(of layer: Int, _ positions: [Int]) -> Tensor {
    var x = input(ofLayer: layer)
    _ = thinker.decoder.layers[layer - 1](&x, rotary.rows(positions), past: nil)
    return x
  }

  /// Gives up the oldest hidden states beyond the budget; the last layer's always stay.
  private mutating func forgetOldSnapshots() {
    var bytes = layers.reduce(0) { $0 + ($1.hidden?.byteCount ?? 0) }
    for index in layers.indices.dropLast() where bytes > snapshotBytes {
      bytes -= layers[index].hidden?.byteCount ?? 0
      layers[index].hidden = nil
    }
  }

  /// Keys and values of every finished layer, cut down to the tokens that are left.
  func caches() -> [KeyValues] {
    let kept = survivors
    return layers.map { $0.cache.gatherRows(rows(of: kept, in: $0.positions)) }
  }

  /// What the encoders made of the clip, for other questions about it; nil before they have run.
  public var encodedMedia: EncodedMedia? { encoded?.media }

  /// Logits of the first answer token, [vocabulary]; empty before the head has run.
  public var logits: [Float] { firstLogits }

  /// Bytes of keys and values that finished layers hold for the tokens that are left.
  public var keyValueBytes: Int {
    let width = thinker.configuration.text.keyValueWidth
    return layers.count * survivors.count * 2 * width * MemoryLayout<Float>.size
  }
}

/// Wall time, lap by lap.
struct StepClock {
  private let clock = ContinuousClock()
  private let start: ContinuousClock.Instant
  private var last: ContinuousClock.Instant

  init() {
    start = clock.now
    last = start
  }

  /// Seconds since the last lap.
  mutating func lap() -> Double {
    let now = clock.now
    defer { last = now }
    return last.duration(to: now).seconds
  }

  var total: Double { start.duration(to: clock.now).seconds }
}

extension Duration {
  var seconds: Double { Double(components.seconds) + Double(components.attoseconds) * 1e-18 }
}
