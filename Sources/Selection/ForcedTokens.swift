/// Tokens that the user keeps or drops by hand, whatever the method selects.
public struct ForcedTokens: Sendable, Equatable {
  /// Tokens that no drop takes, except the late removal.
  public private(set) var kept: TokenList
  /// Tokens that do not enter layer 1; disjoint from `kept`.
  public private(set) var dropped: TokenList

  /// Tokens kept and dropped by hand; a token in both lists is dropped.
  public init(kept: TokenList = TokenList(), dropped: TokenList = TokenList()) {
    self.kept = kept.subtracting(dropped)
    self.dropped = dropped
  }

  public var isEmpty: Bool { kept.isEmpty && dropped.isEmpty }

  /// What was chosen for a token by hand.
  public enum Choice: Sendable { case keep, drop }

  /// The choice for the token of a modality with this ordinal, from 0; nil if the method decides.
  public subscript(modality: Modality, ordinal: Int) -> Choice? {
    if dropped.contains(modality, ordinal) { return .drop }
    return kept.contains(modality, ordinal) ? .keep : nil
  }

  /// Keeps or drops tokens; nil leaves them to the method again.
  public mutating func set(_ choice: Choice?, _ tokens: TokenList) {
    (kept, dropped) = (kept.subtracting(tokens), dropped.subtracting(tokens))
    switch choice {
    case .keep: kept = kept.union(tokens)
    case .drop: dropped = dropped.union(tokens)
    case nil: break
    }
  }

  /// A short description: `3 kept and 12 dropped by hand`; nil if there are none.
  public var summary: String? {
    let parts = [(kept.count, "kept"), (dropped.count, "dropped")].filter { $0.0 > 0 }
    return parts.isEmpty
      ? nil : parts.map { "\($0.0) \($0.1)" }.joined(separator: " and ") + " by hand"
  }

  /// `summary` of the tokens that a prompt with `counts` tokens has.
  public func summary(in counts: ModalityCounts) -> String? {
    ForcedTokens(kept: kept.within(counts), dropped: dropped.within(counts)).summary
  }

  /// The lists as notes: `kept by hand: video:1-8`.
  public var notes: [String] {
    [("kept", kept), ("dropped", dropped)].filter { !$0.1.isEmpty }
      .map { "\($0) by hand: \($1.text)" }
  }
}

extension SelectionPlan {
  /// A copy in which some tokens are kept or dropped by hand, whatever the rules select. The late
  /// removal takes tokens that were kept by hand too.
  public func forcing(_ forced: ForcedTokens, _ shape: PromptShape) -> SelectionPlan {
    guard !forced.isEmpty else { return self }
    let keeping = ForcedTokens(kept: forced.kept)
    let isEncoderForced = encoderRule != nil || !forced.dropped.isEmpty
    return SelectionPlan(
      method: method,
      encoderRule: isEncoderForced ? ForcedEncoderRule(encoderRule, forced) : nil,
      boundaries: forced.kept.isEmpty
        ? boundaries
        : boundaries.map { boundary in
          guard boundary.rule.kind != .remove else { return boundary }
          return LayerBoundary(
            afterLayer: boundary.afterLayer, rule: ForcedBoundaryRule(boundary.rule, keeping))
        }, notes: notes + Self.notes(forced, shape.counts))
  }

  /// A copy that leaves out some tokens from a layer on, whatever the rules select before it.
  /// - Parameter layer: the first layer without the tokens, counted from 1.
  public func leavingOut(_ tokens: TokenList, from layer: Int) -> SelectionPlan {
    let forced = ForcedTokens(dropped: tokens)
    guard layer > 1 else {
      return SelectionPlan(
        method: method, encoderRule: ForcedEncoderRule(encoderRule, forced),
        boundaries: boundaries, notes: notes)
    }
    let rule = ForcedBoundaryRule(boundary(afterLayer: layer - 1)?.rule, forced)
    let others = boundaries.filter { $0.afterLayer != layer - 1 }
    let own = LayerBoundary(afterLayer: layer - 1, rule: rule)
    return SelectionPlan(
      method: method, encoderRule: encoderRule,
      boundaries: (others + [own]).sorted { $0.afterLayer < $1.afterLayer }, notes: notes)
  }

  /// The tokens that are kept or dropped by hand.
  public var forced: ForcedTokens {
    let entering = (encoderRule as? ForcedEncoderRule)?.forced
    let later = boundaries.lazy.compactMap { ($0.rule as? ForcedBoundaryRule)?.forced }.first
    return ForcedTokens(
      kept: entering?.kept ?? later?.kept ?? TokenList(),
      dropped: entering?.dropped ?? TokenList())
  }

  /// Notes on tokens that the prompt does not have.
  private static func notes(_ forced: ForcedTokens, _ counts: ModalityCounts) -> [String] {
    [("kept", forced.kept), ("dropped", forced.dropped)].compactMap { word, tokens in
      let unknown = tokens.beyond(counts)
      guard !unknown.isEmpty else { return nil }
      return "\(word) by hand, but not in the prompt: \(unknown.text) "
        + "(it has \(counts.video) video and \(counts.audio) audio tokens)"
    }
  }
}
