import Selection
import Tensors

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

  var encoded: EncodedPrompt?
  /// What enters layer 1.
  var entrance: Passage?
  /// What left each finished layer.
  var layers: [FinishedLayer] = []
  var firstLogits: [Float] = []
  let rotary: RotaryTable
  /// Encoder outputs that were made for another question about the same clip.
  let media: EncodedMedia?
  /// Bytes of hidden states kept for going back; beyond it the oldest are computed again on demand.
  let snapshotBytes: Int

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
  public var isComplete: Bool { outcomes.count == PrefillStep.count(layers: layerCount) }

  /// The step that `advance` will run; nil when the prefill is complete.
  public var nextStep: PrefillStep? { PrefillStep(index: outcomes.count, layers: layerCount) }

  /// Positions in the prompt of the tokens that are left, ascending.
  public var survivors: [Int] {
    layers.last?.kept ?? entrance?.positions ?? Array(prompt.ids.indices)
  }

  /// Runs the next step and what the plan asks for after it. Nothing changes when it throws.
  @discardableResult
  public mutating func advance(_ cancellation: Cancellation) throws(PrefillError) -> StepOutcome? {
    guard let step = nextStep else { return nil }
    try cancellation.check()
    if step == .encoders {
      try PrefillForecast(prompt, thinker, snapshotBytes: snapshotBytes).check()
    }
    // The step runs on a copy: where it is stopped midway, what it computed is worthless.
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
    case .stage1: try runStage1()
    case .layer(let layer): try runLayer(layer)
    case .head: try runHead()
    }
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

  /// Puts a new plan in force and goes back to the first step whose outcome depends on it, so that
  /// what stands is what a fresh run of that plan would have after as many steps.
  ///
  /// Of a layer whose boundary changes the output is used again where it is still there and the new
  /// plan wants the same rows of it: only the decision is taken anew.
  /// - Returns: how many steps stand as they were; one that was decided anew follows them.
  @discardableResult
  public mutating func apply(_ newPlan: SelectionPlan) -> Int {
    let change = newPlan.firstDifference(from: plan)
    plan = newPlan
    guard let change else { return outcomes.count }
    let standing = min(outcomes.count, change + 1)
    let changed = layers.indices.contains(change - 1) ? layers[change - 1].output : nil
    truncate(toSteps: standing)
    if let changed { decideAnew(after: change, changed) }
    return standing
  }

  /// Where it cannot be decided from what is there, the layer runs as a step again.
  private mutating func decideAnew(after layer: Int, _ output: LayerOutput) {
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
