import Reports
import Runs
import Selection

extension RetentionBudget {
  /// The nominal retention, in whole percent, whose keep ratios are closest to the budget.
  func nearestNominalPercent(_ pairs: RetentionPairs) -> Double {
    let distance = { (percent: Double) -> Double in
      let pair = RetentionBudget(nominalPercent: percent, pairs: pairs)
      return abs(pair.video - self.video) + abs(pair.audio - self.audio)
    }
    return stride(from: Self.leastNominalPercent, through: 100, by: 1)
      .min { distance($0) < distance($1) } ?? 15
  }
}

extension App {
  /// Changes the retention budget by percentage points, along the published pairs of keep ratios.
  mutating func changeBudget(by percent: Double) -> [Effect] {
    let now = run.nominalPercent ?? run.settings.budget.nearestNominalPercent(run.pairs)
    let next = min(100, max(RetentionBudget.leastNominalPercent, now + percent))
    guard next != run.nominalPercent else {
      say("R is at its \(percent > 0 ? "maximum" : "minimum"): \(Measure.nominal(next)) %")
      return []
    }
    var settings = run.settings
    settings.budget = RetentionBudget(nominalPercent: next, pairs: run.pairs)
    return apply(settings)
  }

  /// Changes the keep ratio of one modality by percentage points.
  mutating func change(
    _ modality: WritableKeyPath<RetentionBudget, Double>, by percent: Double
  ) -> [Effect] {
    var settings = run.settings
    let now = settings.budget[keyPath: modality]
    settings.budget[keyPath: modality] = Self.changed(now, by: percent)
    return apply(settings)
  }

  /// A keep ratio changed by percentage points, limited to 1…100 % and not rounded.
  private static func changed(_ share: Double, by percent: Double) -> Double {
    let whole = (share * 100).rounded()
    let isWhole = abs(share * 100 - whole) < 1e-9
    let next = isWhole ? (whole + percent) / 100 : share + percent / 100
    return percent > 0 ? max(share, min(1, next)) : min(share, max(0.01, next))
  }

  mutating func changeLateLayer(by layers: Int) -> [Effect] {
    var settings = run.settings
    let last = run.layers + 1
    // Limited to the number of layers of the model.
    let now = min(settings.lateLayer ?? last + 1, last + 1)
    let next = max(2, now + layers)
    settings.lateLayer = next > last ? nil : next
    return apply(settings)
  }

  /// Shows a message with the keep ratios of R for the model family.
  private mutating func sayPairs(_ prefix: String) {
    let budget = run.settings.budget
    let takesAudio = run.subject?.model.family.takesAudio ?? true
    let audio = takesAudio ? "audio \(Measure.percent(budget.audio))" : "no audio"
    let shares = "video \(Measure.percent(budget.video)), \(audio)"
    let nominal = run.nominalPercent.map {
      "R \(Measure.nominal($0)) % is \(shares): ratios of \(run.pairs.family)"
    }
    say(prefix + (nominal ?? shares))
  }

  mutating func nextMethod() -> [Effect] {
    var settings = run.settings
    let index = options.methods.firstIndex(of: settings.method) ?? -1
    settings.method = options.methods[(index + 1) % options.methods.count]
    return apply(settings)
  }

  mutating func resetSettings() -> [Effect] {
    guard let opened = run.openedSettings else { return [] }
    let effects = apply(opened)
    if !effects.isEmpty { sayPairs("reset to initial settings: ") }
    return effects
  }

  /// Shows new settings immediately and sends them to the engine.
  mutating func apply(_ settings: SelectionSettings) -> [Effect] {
    guard let subject = run.subject else { return [] }
    guard settings != run.settings else {
      say("no change: limit reached")
      return []
    }
    let planned = PlannedSettings(settings, for: subject.promptShape)
    keepBefore()
    adopt(planned)
    return [.send(.configure(planned, resume: true))]
  }

  /// Shows new settings: their plan, its predicted costs, and which records are outdated.
  mutating func adopt(_ planned: PlannedSettings) {
    run.adopt(planned.plan)
    run.settings = planned.settings
    run.forecast =
      run.isPlanKnown
      ? run.subject.map {
        PlanCostEstimate(planned.plan, prompt: planned.shape, decoder: $0.model.decoder)
      } : nil
    view.inspected = nil
    view.toast = nil
  }
}
