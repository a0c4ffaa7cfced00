/// DivPrune (arXiv 2503.02175): before the decoder, keeps the tokens of a modality that are
/// farthest from each other, independent of time. `divprune-om` applies it to audio as well;
/// `divprune` keeps all audio if the budget allows, and otherwise drops audio at random.
///
/// Cost: O(n²·d) for n tokens of width d.
enum DivPrune {
  static let methods = [
    MethodDefinition(
      method: .divprune, summary: "DivPrune on video; audio kept as far as the budget allows",
      parameters: [.budget, .seed],
      plan: { settings, shape in
        SelectionPlan(
          method: .divprune, encoderRule: SpreadRule(AudioIntact.shares(settings, shape)))
      }),
    MethodDefinition(
      method: .divpruneOmni, summary: "DivPrune on video and audio", parameters: [.budget],
      plan: { settings, _ in
        SelectionPlan(
          method: .divpruneOmni, encoderRule: SpreadRule(KeptShares(settings.budget)))
      }),
  ]
}

extension SelectionMethod {
  public static let divprune = SelectionMethod(named: "divprune")
  public static let divpruneOmni = SelectionMethod(named: "divprune-om")
}
