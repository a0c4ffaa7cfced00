import Profiling
import Selection

extension RetentionBudget {
  private static var nominalPercents: some Sequence<Double> {
    stride(from: leastNominalPercent, through: 100, by: 1)
  }

  /// The nominal retention whose pair this is; nil where it is nobody's.
  var nominalPercent: Double? {
    Self.nominalPercents.first { percent in
      let pair = RetentionBudget(nominalPercent: percent)
      return abs(pair.video - video) < 1e-9 && abs(pair.audio - audio) < 1e-9
    }
  }

  /// The whole nominal retention that comes closest.
  var nearestNominalPercent: Double {
    let distance = { (percent: Double) -> Double in
      let pair = RetentionBudget(nominalPercent: percent)
      return abs(pair.video - self.video) + abs(pair.audio - self.audio)
    }
    return Self.nominalPercents.min { distance($0) < distance($1) } ?? 15
  }
}

extension App {
  /// Turns the overall budget along the paper's pairs.
  mutating func turnBudget(by percent: Double) -> [Effect] {
    let now = run.nominalPercent ?? run.settings.budget.nearestNominalPercent
    guard run.settings.method.knobs.contains(.budget) else { return refuse("budget") }
    let next = min(100, max(RetentionBudget.leastNominalPercent, now + percent))
    guard next != run.nominalPercent else {
      say("R is at its \(percent > 0 ? "largest" : "smallest"): \(Measure.percent(next / 100))")
      return []
    }
    var settings = run.settings
    settings.budget = RetentionBudget(nominalPercent: next)
    return apply(settings, nominal: next)
  }

  /// Turns one modality alone.
  mutating func turn(
    _ modality: WritableKeyPath<RetentionBudget, Double>, by percent: Double
  ) -> [Effect] {
    var settings = run.settings
    guard settings.method.knobs.contains(.budget) else { return refuse("budget") }
    let now = settings.budget[keyPath: modality]
    let next = min(1, max(0.01, ((now * 100).rounded() + percent) / 100))
    settings.budget[keyPath: modality] = next
    return apply(settings, nominal: settings.budget.nominalPercent)
  }

  mutating func turnLateLayer(by layers: Int) -> [Effect] {
    guard run.settings.method.knobs.contains(.lateLayer) else {
      return refuse("late layer")
    }
    var settings = run.settings
    let last = run.layers + 1
    let now = settings.lateLayer ?? last + 1
    let next = max(2, now + layers)
    settings.lateLayer = next > last ? nil : next
    return apply(settings, nominal: run.nominalPercent)
  }

  /// Says that the method has no such knob.
  mutating func refuse(_ knob: String) -> [Effect] {
    say(
      "\(run.settings.method.rawValue) has no \(knob) to set: \(key(.nextMethod)) changes the method"
    )
    return []
  }

  mutating func nextMethod() -> [Effect] {
    var settings = run.settings
    let index = options.methods.firstIndex(of: settings.method) ?? -1
    settings.method = options.methods[(index + 1) % options.methods.count]
    return apply(settings, nominal: run.nominalPercent)
  }

  mutating func resetSettings() -> [Effect] {
    guard let opened = run.openedSettings else { return [] }
    return apply(opened, nominal: opened.budget.nominalPercent)
  }

  /// Shows new settings at once, and asks the engine to follow.
  mutating func apply(_ settings: SelectionSettings, nominal: Double?) -> [Effect] {
    guard run.subject != nil else {
      say(run.isLoading ? "still loading" : "nothing is open: \(key(.quit)) quits")
      return []
    }
    guard settings != run.settings else {
      say("nothing changes: this is as far as it goes")
      return []
    }
    adopt(settings)
    run.nominalPercent = nominal
    return [.send(.configure(settings, resume: true))]
  }

  /// Makes settings the wanted ones: plan, forecast, and the records they leave standing.
  mutating func adopt(_ settings: SelectionSettings) {
    guard let subject = run.subject else { return }
    let plan = settings.plan(for: subject.promptShape)
    if let difference = plan.firstDifference(from: run.plan) {
      run.repeats.forgetPlan()
      run.ledger.markStale(from: Ledger.kept(firstDifference: difference))
    }
    run.settings = settings
    run.nominalPercent = settings.budget.nominalPercent
    run.plan = plan
    run.forecast =
      run.isPlanKnown
      ? PlanForecast(plan, prompt: subject.promptShape, decoder: subject.model.decoder) : nil
    view.inspected = nil
    view.toast = nil
  }
}
