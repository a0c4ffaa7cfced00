import Selection

/// The reason why an action is not available.
struct Refusal: Sendable, Equatable {
  let reason: String
  /// Whether the reason remains while this run is open; the hint bar then leaves out the action.
  var isLasting = false
}

/// A requirement of an action, with the reason shown if it is not met.
struct Requirement: Sendable {
  /// Returns the reason why the requirement is not met; nil if it is met.
  let refusal: @Sendable (App) -> Refusal?

  init(_ refusal: @escaping @Sendable (App) -> Refusal?) {
    self.refusal = refusal
  }

  /// A requirement with a plain reason.
  /// - Parameter reason: returns the reason; nil if the requirement is met.
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
      : Refusal(
        reason: "nothing is open: \(app.key(.chooser)) opens a clip, \(app.key(.quit)) quits",
        isLasting: true)
  }

  /// Requires a live run, not a recorded one.
  static func live(_ reason: String) -> Requirement {
    Requirement { $0.run.isReplay ? Refusal(reason: reason, isLasting: true) : nil }
  }

  static let ownPlan = live("not in a replay: the plan is fixed; open the clip to change it")
  static let ownInput = live("not in a replay: the input is fixed; open the clip to change it")
  static let ownModel = live("not in a replay: no model to measure with; open the clip")

  /// Requires that the engine is idle.
  static let idle: Requirement = .init(reason: { app in
    app.run.activity == .idle ? nil : "busy: \(app.key(.runOrPause)) pauses"
  })

  /// Requires that there are further steps.
  static let unfinished: Requirement = .init(reason: { app in
    app.run.isComplete ? Self.completeReason(app) : nil
  })

  /// Requires further steps or answer tokens, or a running engine that can be paused.
  static let unanswered: Requirement = .init(reason: { app in
    app.run.activity == .idle && app.run.isAnswered ? Self.completeReason(app) : nil
  })

  private static func completeReason(_ app: App) -> String {
    "the run is complete: \(app.key(.back)) steps back, \(app.key(.restart)) restarts, "
      + "\(app.key(.more)) and \(app.key(.less)) change the budget"
  }

  /// Requires a complete prefill.
  /// - Parameter what: start of the message, with subject and verb: `the report needs`.
  static func complete(_ what: String) -> Requirement {
    Requirement(reason: { app in
      app.run.isComplete
        ? nil : "\(what) a complete run: \(app.key(.runOrPause)) runs it"
    })
  }

  /// Requires a method with this parameter.
  static func parameter(_ parameter: SelectionParameter, _ words: String) -> Requirement {
    Requirement(reason: { app in
      let method = app.run.settings.method
      return method.parameters.contains(parameter)
        ? nil : "\(method.rawValue) has \(words): \(app.key(.nextMethod)) changes the method"
    })
  }
}
