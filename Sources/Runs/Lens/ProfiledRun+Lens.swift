import Basics
import OmniModel
import Selection

/// The lens of a run in progress, with what it is computed by.
struct RunLens: Sendable {
  var choice: LensChoice
  var history = LensHistory()
  /// The plan of the lens; nil until it is needed.
  var plan: LensPlan?
  /// Whether the engine offers no lens.
  var isUnavailable = false

  init(_ choice: LensChoice) { self.choice = choice }

  mutating func rewind(toSteps steps: Int, layers: Int) {
    history.rewind(toSteps: steps, layers: layers)
  }
}

extension ProfiledRun {
  /// The lens so far.
  public var lens: LensHistory { runLens.history }

  /// What the lens computes with the current plan.
  public var lensPlan: LensPlan {
    runLens.plan ?? LensPlan(runLens.choice, LensCost(opened, prefill.plan))
  }

  /// Computes what the lens shows of the finished layers and does not show yet. Its time is not part
  /// of any step.
  /// - Parameter isResting: whether the run stops here, so that everything is wanted now.
  /// - Returns: new records; nil if there are none.
  public mutating func examine(
    isResting: Bool, _ cancellation: Cancellation
  ) throws(PrefillError) -> LensUpdate? {
    guard runLens.choice != .off, !runLens.isUnavailable, prefill.finishedLayers > 0 else {
      return nil
    }
    let plan = lensPlan
    let isNew = runLens.history.choice == nil || runLens.history.notes != plan.notes
    runLens.plan = plan
    let isDone = isResting || isPrefilled
    var records = withoutUnplanned(plan)
    // Answers of another process are awaited only when the run stops.
    if plan.hasAttention, isDone || opened.thinker.engineName == nil {
      try addAttention(to: &records, plan, cancellation)
    }
    if isDone || plan.isLive { try addPredictions(to: &records, plan, cancellation) }
    let changed = records.values.filter { $0 != runLens.history[$0.layer] }
    guard !changed.isEmpty || isNew || runLens.isUnavailable else { return nil }
    let update = LensUpdate(
      choice: plan.choice,
      notes: runLens.isUnavailable ? ["the engine offers no lens"] : plan.notes,
      records: changed.sorted { $0.layer < $1.layer })
    runLens.history.apply(update)
    return update
  }

  /// The records so far, without what another plan left behind.
  private func withoutUnplanned(_ plan: LensPlan) -> [Int: LensRecord] {
    var records: [Int: LensRecord] = [:]
    for var record in runLens.history.records {
      if !plan.predictionLayers.contains(record.layer) { record.prediction = nil }
      if !plan.hasAttention { record.attention = nil }
      records[record.layer] = record
    }
    return records
  }

  private mutating func addAttention(
    to records: inout [Int: LensRecord], _ plan: LensPlan, _ cancellation: Cancellation
  ) throws(PrefillError) {
    for layer in 1...prefill.finishedLayers where records[layer]?.attention == nil {
      let start = ContinuousClock.now
      guard let found = try prefill.attentionByModality(inLayer: layer, cancellation) else {
        // A row into which others were merged cannot be examined; the layer stays empty.
        continue
      }
      let cost = LensRecord.Cost(
        milliseconds: (found.seconds ?? start.duration(to: .now).seconds) * 1000,
        flops: found.flops)
      records[layer, default: LensRecord(layer: layer)].attention = LensRecord.Attention(
        found.value, keepsHeads: plan.hasHeads, cost)
    }
  }

  private mutating func addPredictions(
    to records: inout [Int: LensRecord], _ plan: LensPlan, _ cancellation: Cancellation
  ) throws(PrefillError) {
    let isFinal = isPrefilled
    let wanted = plan.predictionLayers.filter { layer in
      guard layer <= prefill.finishedLayers else { return false }
      let known = records[layer]?.prediction
      return known == nil || (isFinal && known?.divergence == nil)
    }
    guard !wanted.isEmpty else { return }
    let start = ContinuousClock.now
    let found = try prefill.predictions(
      afterLayers: wanted, best: LensPlan.candidates, cancellation)
    guard let found else {
      runLens.isUnavailable = true
      return
    }
    let seconds = found.seconds ?? start.duration(to: .now).seconds
    let count = Double(found.value.count)
    let head = opened.thinker.configuration.text.headFlops
    let cost = LensRecord.Cost(milliseconds: seconds * 1000 / count, flops: head)
    for (layer, prediction) in zip(wanted, found.value) {
      guard let prediction else { continue }
      records[layer, default: LensRecord(layer: layer)].prediction = LensRecord.Prediction(
        prediction, cost
      ) { opened.thinker.tokenizer.decode([$0], keepingSpecial: true) }
    }
  }
}

extension LensRecord.Prediction {
  /// - Parameter text: the text of a token id.
  fileprivate init(
    _ prediction: NextTokenPrediction, _ cost: LensRecord.Cost, text: (Int) -> String
  ) {
    self.init(
      best: prediction.best.map {
        .init(id: $0.id, text: text($0.id), probability: $0.probability)
      }, entropy: prediction.entropy, divergence: prediction.divergence, cost: cost)
  }
}
