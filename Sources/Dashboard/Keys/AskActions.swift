import Terminal

/// Actions to ask other questions, and to find things.
extension AppAction {
  static let ask = AppAction("ask", needs: [.open, .ownQuestion]) { $0.openAsk() }
  static let nextQuestion = AppAction(
    "next-question", needs: [.open, .severalQuestions, neighbour(1)]
  ) { $0.askNeighbour(1) }
  static let previousQuestion = AppAction(
    "previous-question", needs: [.open, .severalQuestions, neighbour(-1)]
  ) { $0.askNeighbour(-1) }
  static let questions = AppAction("questions", needs: [.open]) {
    $0.open(.questions, selected: $0.questions.current)
  }
  /// Requires that the next or previous question can be asked.
  private static func neighbour(_ step: Int) -> Requirement {
    Requirement(reason: { $0.problem(asking: $0.questions.index(after: step)) })
  }

  static let chooser = AppAction("open") { $0.openChooser() }
  static let palette = AppAction("palette") { $0.open(.palette) }
}

extension Requirement {
  fileprivate static let ownQuestion = live(
    "not in a replay: the question is fixed; open the clip to ask")

  /// Requires another question in the list.
  fileprivate static let severalQuestions: Requirement = .init(reason: { app in
    app.questions.hasSeveral ? nil : "this is the only question: \(app.key(.ask)) asks another"
  })
}

extension AppKeyTable {
  static func asking(_ screens: Set<KeyContext>) -> [Binding] {
    // On screen 8, i edits the input settings.
    let input: Set<KeyContext> = screens.intersection([.screen(.input)])
    return bindings(
      "Ask and find", in: screens.subtracting(input),
      [.init("ask another question", .init(["i"], .ask))])
      + bindings("Ask and find", in: input, [.init("ask another question", .init(["I"], .ask))])
      + bindings(
        "Ask and find", in: screens,
        [
          .init(
            "next, previous question", .init(["N"], .nextQuestion),
            .init(["P"], .previousQuestion)),
          .init("list the questions", .init(["Q"], .questions)),
          .init(
            "open a clip, model, trace", .init(["O", .control("o")], .chooser)),
          .init("find an action by words", .init([":"], .palette)),
        ])
  }
}
