import Selection

/// The reason why an action is unavailable.
struct Refusal: Sendable, Equatable {
  let reason: String
  /// Whether it lasts while this run is open; the hint bar then omits the action.
  var isLasting = false
}

/// A requirement of an action, with the reason shown if it is unmet.
struct Requirement: Sendable {
  /// Nil if met.
  let refusal: @Sendable (App) -> Refusal?

  init(_ refusal: @escaping @Sendable (App) -> Refusal?) {
    self.refusal = refusal
  }

  /// - Parameter reason: nil if met.
  init(reason: @escaping @Sendable (App) -> String?) {
    self.init { app in reason(app).map { Refusal(reason: $0) } }
  }
}

extension Requirement {
  /// Requires an open run.
  static let open: Requirement = .init { app in
    guard app.run.subject == nil else { return nil }
    return app.run.isLoading
      ? Refusal(reason: "still loading")
      : Refusal(reason: "nothing is open: \(app.key(.quit)) quits", isLasting: true)
  }

  /// Requires a live run, not a replay.
  static func live(_ reason: String) -> Requirement {
    Requirement { $0.run.isReplay ? Refusal(reason: reason, isLasting: true) : nil }
  }

  static let ownPlan = live("not in a replay: the plan is fixed; open the clip to change it")
  static let ownInput = live("not in a replay: the input is fixed; open the clip to change it")
  static let ownModel = live("not in a replay: no model to measure with; open the clip")

  /// Requires an idle engine.
  static let idle: Requirement = .init(reason: { app in
    app.run.activity == .idle ? nil : "busy: \(app.key(.runOrPause)) pauses"
  })

  /// Requires remaining steps.
  static let unfinished: Requirement = .init(reason: { app in
    app.run.isComplete ? Self.completeReason(app) : nil
  })

  /// Requires remaining steps or answer tokens, or a running engine, to pause it.
  static let unanswered: Requirement = .init(reason: { app in
    app.run.activity == .idle && app.run.isAnswered ? Self.completeReason(app) : nil
  })

  private static func completeReason(_ app: App) -> String {
    "the run is complete: \(app.key(.back)) steps back, \(app.key(.restart)) restarts, "
      + "\(app.key(.more)) and \(app.key(.less)) change the budget"
  }

  /// Requires a complete prefill.
  /// - Parameter what: subject and verb of the message: `the report needs`.
  static func complete(_ what: String) -> Requirement {
    Requirement(reason: { app in
      app.run.isComplete
        ? nil : "\(what) a complete run: \(app.key(.runOrPause)) runs it"
    })
  }

  /// Requires a parameter of the method.
  static func parameter(_ parameter: SelectionParameter, _ words: String) -> Requirement {
    Requirement(reason: { app in
      let method = app.run.settings.method
      return method.parameters.contains(parameter)
        ? nil : "\(method.rawValue) has \(words): \(app.key(.nextMethod)) changes the method"
    })
  }
}
