import Reports
import Selection

/// Tokens kept and dropped by hand on screen 3.
extension App {
  /// Keeps or drops the selected tokens by hand; tokens that already have this choice are left to
  /// the method again.
  mutating func force(_ choice: ForcedTokens.Choice) -> [Effect] {
    guard let tokens = selectedTokens else {
      say("text and images are never dropped: move to video or audio")
      return []
    }
    var settings = run.settings
    let has = choice == .keep ? settings.forced.kept : settings.forced.dropped
    let isChosen = tokens.isSubset(of: has)
    settings.forced.set(isChosen ? nil : choice, tokens)
    let effects = apply(settings)
    view[TokensScreen.self].mark = nil
    let word = choice == .keep ? "kept" : "dropped"
    let key = key(choice == .keep ? .keepTokens : .dropTokens)
    say(
      isChosen
        ? "\(tokens.text) left to the method again"
        : "\(tokens.text) \(word) by hand: \(key) again undoes, \(self.key(.reset)) resets all",
      .good)
    return effects
  }

  /// Marks the cursor as one end of a range, or removes the mark.
  mutating func toggleMark() -> [Effect] {
    guard view[TokensScreen.self].mark == nil else {
      view[TokensScreen.self].mark = nil
      say("range cleared")
      return []
    }
    guard let position = tokenCursor, selectedTokens != nil else {
      say("text and images are never dropped: move to video or audio")
      return []
    }
    view[TokensScreen.self].mark = position
    say(
      "range starts here: move, then \(key(.keepTokens)) keeps it, \(key(.dropTokens)) drops it, "
        + "\(key(.weighTokens)) measures its worth")
    return []
  }

  mutating func nextSpan() -> [Effect] {
    let span = view[TokensScreen.self].span.changed(by: 1)
    (view[TokensScreen.self].span, view[TokensScreen.self].mark) = (span, nil)
    let tokens = selectedTokens.map { ": \($0.text)" } ?? ""
    say("\(key(.keepTokens)) and \(key(.dropTokens)) take the \(span.rawValue)\(tokens)")
    return []
  }
}

extension AppAction {
  static let keepTokens = byHand("keep-tokens") { $0.force(.keep) }
  static let dropTokens = byHand("drop-tokens") { $0.force(.drop) }
  static let markTokens = byHand("mark-tokens") { $0.toggleMark() }
  static let tokenSpan = byHand("token-span") { $0.nextSpan() }

  private static func byHand(_ name: String, _ handler: @escaping Handler) -> AppAction {
    AppAction(name, needs: [.ownPlan, .open], handler)
  }
}
