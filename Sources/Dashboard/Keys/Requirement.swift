import Selection

/// Why an action cannot act.
struct Refusal: Sendable, Equatable {
  let reason: String
  /// Nothing changes it while this run is open: the hint bar does not offer the action.
  var isLasting = false
}

/// What an action needs, and what it says where that is missing.
struct Requirement: Sendable {
  /// Nil where it is met.
  let refusal: @Sendable (App) -> Refusal?

  init(_ refusal: @escaping @Sendable (App) -> Refusal?) {
    self.refusal = refusal
  }

  /// - Parameter reason: nil where it is met.
  init(reason: @escaping @Sendable (App) -> String?) {
    self.init { app in reason(app).map { Refusal(reason: $0) } }
  }
}

extension Requirement {
  /// A run is open.
  static let open: Requirement = .init { app in
    guard app.run.subject == nil else { return nil }
    return app.run.isLoading
      ? Refusal(reason: "still loading")
      : Refusal(reason: "nothing is open: \(app.key(.quit)) quits", isLasting: true)
  }

  /// The run is not a recording.
  static func live(_ reason: String) -> Requirement {
    Requirement { $0.run.isReplay ? Refusal(reason: reason, isLasting: true) : nil }
  }

  static let ownPlan = live("not in a replay: the plan is fixed; open the clip to change it")
  static let ownInput = live("not in a replay: the input is fixed; open the clip to change it")
  static let ownModel = live("not in a replay: no model to measure with; open the clip")

  /// The engine does nothing.
  static let idle: Requirement = .init(reason: { app in
    app.run.activity == .idle ? nil : "busy: \(app.key(.runOrPause)) pauses"
  })

  /// The prefill has steps left.
  static let unfinished: Requirement = .init(reason: { app in
    app.run.isComplete ? Self.completeReason(app) : nil
  })

  /// Steps are left, or tokens of the answer; what runs can always be paused.
  static let unanswered: Requirement = .init(reason: { app in
    app.run.activity == .idle && app.run.isAnswered ? Self.completeReason(app) : nil
  })

  private static func completeReason(_ app: App) -> String {
    "the run is complete: \(app.key(.back)) steps back, \(app.key(.restart)) restarts, "
      + "\(app.key(.more)) and \(app.key(.less)) change the budget"
  }

  /// The prefill is complete.
  /// - Parameter what: what needs it, and its verb.
  static func complete(_ what: String) -> Requirement {
    Requirement(reason: { app in
      app.run.isComplete
        ? nil : "\(what) a complete run: \(app.key(.runOrPause)) runs it"
    })
  }

  /// The method has a parameter.
  static func parameter(_ parameter: SelectionParameter, _ words: String) -> Requirement {
    Requirement(reason: { app in
      let method = app.run.settings.method
      return method.parameters.contains(parameter)
        ? nil : "\(method.rawValue) has \(words): \(app.key(.nextMethod)) changes the method"
    })
  }
}
