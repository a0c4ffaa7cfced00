/// The controls every method must beat: a uniformly random share of each modality before the
/// decoder, at the same layer-averaged budget. `random` keeps it to the end; `random-late` also
/// removes it where SEATS does, and may therefore let more in.
///
/// Cost: O(S).
enum RandomDrop {
  static func plan(_ settings: SelectionSettings, _ shape: PromptShape) -> SelectionPlan {
    let isLate = settings.method == .randomLate
    let removal = isLate ? removalLayer(settings, shape.layers) : nil
    let stretch = removal.map { Double(shape.layers) / Double($0) } ?? 1
    let seed = settings.drawSeed(for: shape)
    func share(_ ratio: Double, _ seed: UInt64) -> RandomShare {
      RandomShare(ratio: min(1, ratio * stretch), seed: seed)
    }
    return SelectionPlan(
      method: settings.method,
      encoderRule: .random(
        video: share(settings.budget.video, 2 * seed),
        audio: share(settings.budget.audio, 2 * seed + 1)),
      boundaries: removal.map { [LayerBoundary(afterLayer: $0, rule: .removeNonText)] } ?? [],
      notes: isLate && removal == nil
        ? ["no late layer within the model: nothing is removed late"] : [])
  }

  private static func removalLayer(_ settings: SelectionSettings, _ layers: Int) -> Int? {
    settings.lateLayer.flatMap { $0 >= 2 && $0 <= layers + 1 ? $0 - 1 : nil }
  }
}
