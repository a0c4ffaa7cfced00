import Evaluations
import Reports
import Selection

/// Worth of windows and spans: the effect of leaving them out from a layer on.
extension App {
  /// The study that screen 6 measures.
  var worthRequest: WorthRequest {
    let state = view[DependencyScreen.self]
    var request = WorthRequest(run.settings, layers: run.layers)
    if let layer = state.fromLayer { request.layer = min(max(1, layer), max(1, run.layers)) }
    request.plan = state.isOnPlan ? run.settings : nil
    return request
  }

  /// The study so far if it is the one that screen 6 shows.
  var shownWorth: WorthResult? {
    run.study.worthRequest == worthRequest ? run.study.worth : nil
  }

  mutating func measureWorth() -> [Effect] {
    let request = worthRequest
    if run.study.worthRequest != request {
      (run.study.worthRequest, run.study.worth) = (request, nil)
    }
    return [.send(.weigh(request))]
  }

  /// Measures the worth of the selected tokens of screen 3, from the layer after the layer cursor.
  mutating func weighSelection() -> [Effect] {
    guard let tokens = selectedTokens else {
      say("text and images have no worth here: move to video or audio")
      return []
    }
    var request = worthRequest
    request.span = tokens
    run.study.spanRequest = request
    say("measuring the worth of \(tokens.text) from layer \(request.layer) on: one partial prefill")
    return [.send(.weigh(request))]
  }

  /// Updates the state with a worth study.
  mutating func apply(_ result: WorthResult) {
    guard let span = run.study.spanRequest?.span,
      result.windows.count == 1, result.windows[0].tokens == span
    else {
      run.study.worth = result
      if result.isComplete { log("worth: \(result.windows.count) windows measured") }
      return
    }
    run.study.worthOfSpan = result
    guard let effect = result.windows[0].effect else { return }
    let change =
      effect.isSame
      ? "same answer" : "answer \(Self.quoted(result.answer)) becomes \(Self.quoted(effect.answer))"
    let line =
      "without \(span.text) from layer \(result.fromLayer) on: "
      + "KL \(Measure.decimal(effect.divergence, 4)) nats, \(change)"
    log(line)
    say(line, effect.isSame ? .good : .warning, seconds: 20)
  }

  private static func quoted(_ answer: String) -> String {
    "“\(answer.count > 24 ? answer.prefix(23) + "…" : answer)”"
  }

  /// Moves the layer from which on windows are left out.
  mutating func moveWorthLayer(by step: Int) -> [Effect] {
    guard view[DependencyScreen.self].showsWorth else { return [] }
    let layer = min(max(1, worthRequest.layer + step), max(1, run.layers))
    view[DependencyScreen.self].fromLayer = layer
    return []
  }
}

extension AppAction {
  /// Measures the worth of the tokens selected on screen 3.
  static let weighTokens = AppAction("weigh-tokens", needs: [.ownModel, .open, .idle]) {
    $0.weighSelection()
  }

  static let toggleWorth = AppAction("toggle-worth") { app in
    app.view[DependencyScreen.self].showsWorth.toggle()
    return []
  }

  static let toggleWorthBase = AppAction("toggle-worth-base", needs: [.open, .worthShown]) { app in
    app.view[DependencyScreen.self].isOnPlan.toggle()
    return []
  }
}

extension Requirement {
  fileprivate static let worthShown: Requirement = .init(reason: { app in
    app.view[DependencyScreen.self].showsWorth
      ? nil : "this is about the worth of windows: \(app.key(.toggleWorth)) shows it"
  })
}
