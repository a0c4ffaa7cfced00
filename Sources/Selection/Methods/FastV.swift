/// FastV (arXiv 2403.06764): one drop after layer 2, which keeps the tokens that receive most
/// attention from the last text token. `fastv-om` ranks video and audio together; `fastv` keeps all
/// audio if the budget allows, and otherwise drops audio at random.
///
/// Cost in addition to the decoder: one query row at one layer, O(S·d) for S tokens.
enum FastV {
  /// The layer after which tokens are dropped.
  static let dropLayer = 2

  static let methods = [
    MethodDefinition(
      method: .fastv, summary: "FastV on video; audio kept as far as the budget allows",
      parameters: [.budget, .seed],
      plan: { plan(.fastv, $0, $1) { AudioIntact.shares($1, $2, of: $0) } }),
    MethodDefinition(
      method: .fastvOmni, summary: "FastV on video and audio", parameters: [.budget],
      plan: { plan(.fastvOmni, $0, $1) { ratios, _, _ in KeptShares(ratios) } }),
  ]

  private static func plan(
    _ method: SelectionMethod, _ settings: SelectionSettings, _ shape: PromptShape,
    _ shares: (RetentionBudget, SelectionSettings, PromptShape) -> KeptShares
  ) -> SelectionPlan {
    guard shape.layers > dropLayer else {
      let note = "FastV drops after layer \(dropLayer); this model has \(shape.layers) layers"
      return SelectionPlan(method: method, notes: [note])
    }
    let ratios = settingRatios(settings.budget, layers: shape.layers)
    let rule = GlobalRule(shares(ratios, settings, shape))
    return SelectionPlan(
      method: method, boundaries: [LayerBoundary(afterLayer: dropLayer, rule: rule)],
      notes: notes(rule.ratios, shape.counts))
  }

  /// Keep ratio of the drop that meets the budget on average over all layers: (TRR·L − K) / (L − K)
  /// for L layers and a drop after layer K. Zero or negative if the first K layers alone exceed the
  /// budget.
  static func settingRatios(
    _ budget: RetentionBudget, layers: Int, dropLayer: Int = dropLayer
  ) -> RetentionBudget {
    func ratio(_ average: Double) -> Double {
      (average * Double(layers) - Double(dropLayer)) / Double(layers - dropLayer)
    }
    return RetentionBudget(video: ratio(budget.video), audio: ratio(budget.audio))
  }

  private static func notes(_ ratios: RetentionBudget, _ counts: ModalityCounts) -> [String] {
    [("video", ratios.video, counts.video), ("audio", ratios.audio, counts.audio)]
      .filter { $0.1 <= 0 && $0.2 > 0 }
      .map { "\($0.0): the first \(dropLayer) layers alone exceed the budget; one token is kept" }
  }
}

extension SelectionMethod {
  public static let fastv = SelectionMethod(named: "fastv")
  public static let fastvOmni = SelectionMethod(named: "fastv-om")
}
