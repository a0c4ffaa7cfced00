import Selection
import Tensors

/// A prefill that runs one step at a time, can step back, and accepts a new plan midway.
///
/// A value type: a copy is a snapshot. Encoder outputs and the prompt are kept after every edit.
/// Keys and values of a layer never change once computed: dropping tokens only changes which of
/// them are read later.
public struct Prefill: Sendable {
  /// Default memory for snapshots of hidden states, in bytes.
  public static let standardSnapshotBytes = 1 << 30

  let engine: any PrefillEngine
  public let prompt: PrefillPrompt
  public private(set) var plan: SelectionPlan
  /// Measurements of each finished step, in order.
  public private(set) var outcomes: [StepOutcome] = []

  var encoded: EncodedPrompt?
  /// The decision of Stage I: the tokens that enter layer 1; nil before Stage I.
  var entrance: Decision?
  /// Finished decoder layers, in order.
  var layers: [FinishedLayer] = []
  var firstLogits: [Float] = []
  /// Encoder outputs reused from another question about the same clip; nil if not available.
  let media: EncodedMedia?
  /// Maximum bytes of hidden states kept for stepping back; older ones are discarded and recomputed
  /// on demand.
  let snapshotBytes: Int

  /// Creates a prefill of a prompt on any engine.
  /// - Parameter media: encoder outputs of the same media by the same model.
  public init(
    _ prompt: PrefillPrompt, engine: any PrefillEngine, plan: SelectionPlan,
    media: EncodedMedia? = nil, snapshotBytes: Int = Prefill.standardSnapshotBytes
  ) {
    self.prompt = prompt
    self.engine = engine
    self.plan = plan
    self.media = media
    self.snapshotBytes = snapshotBytes
  }

  /// Creates a prefill of a prompt by a model, wherever it is computed.
  public init(
    _ prompt: Prompt, thinker: Thinker, plan: SelectionPlan, media: EncodedMedia? = nil,
    snapshotBytes: Int = Prefill.standardSnapshotBytes
  ) {
    self.init(
      PrefillPrompt(prompt), engine: thinker.engine(for: prompt), plan: plan, media: media,
      snapshotBytes: snapshotBytes)
  }

  public var layerCount: Int { engine.layerCount }
  public var isComplete: Bool { outcomes.count == PrefillStep.count(layers: layerCount) }

  /// The step that `advance` will run; nil when the prefill is complete.
  public var nextStep: PrefillStep? { PrefillStep(index: outcomes.count, layers: layerCount) }

  /// Prompt positions of the tokens that are not dropped, ascending.
  public var survivors: [Int] {
    layers.last?.kept ?? entrance?.kept ?? Array(prompt.modalities.indices)
  }

  /// Runs the next step and the selection after it; if it throws, the prefill is unchanged.
  @discardableResult
  public mutating func advance(_ cancellation: Cancellation) throws(PrefillError) -> StepOutcome? {
    guard let step = nextStep else { return nil }
    try cancellation.check()
    if step == .encoders {
      try engine.checkMemory(snapshotBytes: snapshotBytes)
    }
    // The step runs on a copy, which is discarded if it throws.
    var next = self
    let isStopped = { @Sendable in cancellation.isRequested }
    let result = ProductThreads.stopping(when: isStopped) {
      Result { () throws(PrefillError) in try next.run(step, cancellation) }
    }
    try cancellation.check()
    let outcome = try result.get()
    next.outcomes.append(outcome)
    self = next
    return outcome
  }

  private mutating func run(
    _ step: PrefillStep, _ cancellation: Cancellation
  ) throws(PrefillError) -> StepOutcome {
    switch step {
    case .encoders: try runEncoders(cancellation)
    case .stage1: try runStage1(cancellation)
    case .layer(let layer): try runLayer(layer, cancellation)
    case .head: try runHead()
    }
  }

  /// Undoes the last step; false if no step is finished.
  @discardableResult
  public mutating func stepBack() -> Bool {
    guard !outcomes.isEmpty else { return false }
    truncate(toSteps: outcomes.count - 1)
    return true
  }

  /// Steps back until only `steps` steps are finished.
  public mutating func rewind(toSteps steps: Int) {
    let steps = hasLostMedia ? 0 : steps
    if steps < outcomes.count { truncate(toSteps: max(0, steps)) }
  }

  /// Whether the engine has ended and lost the encoder outputs, so that the encoders have to run again.
  public var hasLostMedia: Bool { encoded.map { !engine.keeps($0.media) } ?? false }

  /// Applies a new plan and steps back to the first step whose outcome changes. The state then
  /// equals that of a new run with the plan after the same number of steps.
  ///
  /// If only the boundary after a layer changes, the layer's output is reused if it is still
  /// available with the same rows, and only the selection is repeated.
  /// - Returns: the number of unchanged steps; a step with a repeated selection may follow.
  @discardableResult
  public mutating func apply(_ newPlan: SelectionPlan) -> Int {
    let change = newPlan.firstDifference(from: plan)
    plan = newPlan
    guard let change else { return outcomes.count }
    let standing = min(outcomes.count, change + 1)
    let changed = layers.indices.contains(change - 1) ? layers[change - 1].output : nil
    truncate(toSteps: standing)
    if let changed { decideAgain(after: change, changed) }
    return standing
  }

  /// Repeats the selection after a layer; if its hidden states were discarded, the layer runs again
  /// as the next step.
  private mutating func decideAgain(after layer: Int, _ output: LayerOutput) {
    guard output.hidden != nil, output.outputs == outputs(of: layer, output.positions, plan),
      let decision = try? decision(after: layer, output)
    else { return }
    finish(layer, output, decision)
    outcomes.append(outcome(ofLayer: layer))
  }

  private mutating func truncate(toSteps steps: Int) {
    outcomes.removeLast(outcomes.count - steps)
    if steps < 1 { encoded = nil }
    if steps < 2 { entrance = nil }
    layers.removeLast(max(0, layers.count - max(0, steps - 2)))
    if steps < layerCount + 3 { firstLogits = [] }
  }
}
