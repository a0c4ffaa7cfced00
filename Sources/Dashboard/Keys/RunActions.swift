import Terminal

/// Actions to run, step and compare.
extension AppAction {
  static let runOrPause = driving(
    "run-or-pause", needs: [.unanswered], busyHint: "pause"
  ) { app in
    guard app.run.activity == .idle else { return [.cancel] }
    app.run.isStepping = false
    return [.send(.run)]
  }

  static let next = driving(
    "next", needs: [.idleOrStepping, .unfinished]
  ) { app in
    app.run.isStepping = true
    return [.send(.advance)]
  }

  static let back = driving(
    "back",
    needs: [
      .idle, .init(reason: { $0.run.ledger.current.isEmpty ? "no earlier step" : nil }),
    ]
  ) { _ in [.send(.back)] }

  static let nextDrop = driving("next-drop", needs: [.idle, .unfinished]) { app in
    app.run.isStepping = false
    return [.send(.runToNextDrop)]
  }

  static let toRemoval = driving(
    "to-removal", needs: [.idle, .unfinished, .removal]
  ) { app in
    app.run.isStepping = false
    return [.send(.runToRemoval)]
  }

  static let restart = driving("restart") { app in
    (app.run.activity == .idle ? [] : [.cancel]) + [.send(.restart)]
  }

  static let fullRun = driving("full-run", needs: [.idle]) { _ in [.send(.runFull)] }

  static let repeatRuns = driving(
    "repeat-runs", needs: [.idle, .complete("repetitions need")]
  ) { _ in [.send(.repeatRuns(App.repetitions))] }

  static let faster = AppAction("faster") { $0.changePace(by: -1) }
  static let slower = AppAction("slower") { $0.changePace(by: 1) }
  static let toggleBreakpoint = AppAction("toggle-breakpoint", needs: [.open]) {
    $0.toggleBreakpoint()
  }
  static let typeBreakpoint = AppAction("type-breakpoint") { app in
    app.view.overlay = .breakpoint(LineEditor())
    return []
  }
  static let pin = AppAction("pin", needs: [.begun]) { $0.pin() }
  static let swap = AppAction("swap", needs: [.open, .ownPlan, .begun, .swappable]) {
    $0.swapRuns()
  }

  /// An action that executes steps; the screens then show the engine's current step.
  private static func driving(
    _ name: String, needs requirements: [Requirement] = [],
    busyHint: String? = nil, _ handler: @escaping Handler
  ) -> AppAction {
    AppAction(name, needs: [.open] + requirements, busyHint: busyHint) { app in
      app.view.inspected = nil
      // A normal message of the last key may no longer be true.
      if app.view.toast?.role == .normal { app.view.toast = nil }
      return handler(&app)
    }
  }
}

extension Requirement {
  /// Requires an idle engine, or one that executes single steps, because single steps may be
  /// queued.
  fileprivate static let idleOrStepping: Requirement = .init { app in
    app.run.isStepping ? nil : idle.refusal(app)
  }

  /// Requires at least one finished step.
  fileprivate static let begun: Requirement = .init(reason: { app in
    app.run.compared == nil ? "nothing to pin yet: \(app.key(.runOrPause)) runs" : nil
  })

  /// Requires a plan with late removal.
  fileprivate static let removal: Requirement = .init(reason: { app in
    guard app.run.plan.removalLayer == nil else { return nil }
    return "no late removal in this plan: \(app.key(.laterRemoval)) and "
      + "\(app.key(.earlierRemoval)) set the late layer"
  })
}

extension AppKeyTable {
  static func running(_ screens: Set<KeyContext>) -> [Binding] {
    bindings(
      "Run", in: screens,
      [
        .init("run or pause", .init([" "], .runOrPause, hint: "run")),
        .init("next step", .init(["n"], .next, hint: "next")),
        .init("previous step", .init(["p"], .back)),
        .init("run to the next drop", .init(["d"], .nextDrop, hint: "drop")),
        .init("run to the late removal", .init(["L"], .toRemoval)),
        .init("restart before layer 1", .init(["0"], .restart)),
        .init("step delay shorter, longer", .init([">"], .faster), .init(["<"], .slower)),
        .init("toggle breakpoint", .init(["b"], .toggleBreakpoint)),
        .init("breakpoint on a condition", .init(["B"], .typeBreakpoint)),
        .init("run full tokens", .init(["f"], .fullRun)),
        .init("pin run for comparison", .init(["c"], .pin)),
        .init("swap with the compared run", .init(["C"], .swap)),
        .init("repeat both runs \(App.repetitions) times", .init(["R"], .repeatRuns)),
      ])
  }
}
