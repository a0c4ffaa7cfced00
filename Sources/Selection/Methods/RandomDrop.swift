/// The random baselines: a uniformly random share of each modality before the decoder, at the same
/// layer-averaged budget as other methods. `random` keeps these tokens through all layers;
/// `random-late` also has SEATS's late removal, so that more tokens enter.
///
/// Cost: O(S) for S tokens.
enum RandomDrop {
  static let methods = [
    MethodDefinition(
      method: .random, summary: "random tokens, kept through every layer",
      parameters: [.budget, .seed], plan: { plan(.random, $0, $1, removal: nil) }),
    MethodDefinition(
      method: .randomLate, summary: "random tokens, with SEATS's late removal",
      parameters: [.budget, .lateLayer, .seed],
      plan: { settings, shape in
        let removal = settings.removalLayer(in: shape.layers)
        let note = "the late layer is beyond the last layer: no late removal"
        return plan(
          .randomLate, settings, shape, removal: removal, notes: removal == nil ? [note] : [])
      }),
  ]

  private static func plan(
    _ method: SelectionMethod, _ settings: SelectionSettings, _ shape: PromptShape,
    removal: Int?, notes: [String] = []
  ) -> SelectionPlan {
    let stretch = removal.map { Double(shape.layers) / Double($0) } ?? 1
    let seed = settings.drawSeed(for: shape)
    func share(_ ratio: Double, _ seed: UInt64) -> RandomShare {
      RandomShare(ratio: min(1, ratio * stretch), seed: seed)
    }
    return SelectionPlan(
      method: method,
      encoderRule: RandomRule(
        video: share(settings.budget.video, 2 * seed),
        audio: share(settings.budget.audio, 2 * seed + 1)),
      boundaries: removal.map { [LayerBoundary(afterLayer: $0, rule: RemovalRule())] } ?? [],
      notes: notes)
  }
}

extension SelectionMethod {
  public static let random = SelectionMethod(named: "random")
  public static let randomLate = SelectionMethod(named: "random-late")
}
