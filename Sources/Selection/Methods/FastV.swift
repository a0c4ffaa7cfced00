/// FastV (arXiv 2403.06764): one drop after layer 2, keeping the tokens the last text token attends
/// to most. `fastv-om` scores video and audio alike; `fastv` keeps audio whole while the budget
/// allows, and beyond that drops audio at random.
///
/// Cost beside the decoder: one query row at one layer, O(S·d).
enum FastV {
  /// The layer after which tokens go.
  static let dropLayer = 2

  static func plan(_ settings: SelectionSettings, _ shape: PromptShape) -> SelectionPlan {
    guard shape.layers > dropLayer else {
      let note = "FastV drops after layer \(dropLayer); this model has \(shape.layers) layers"
      return SelectionPlan(
        method: settings.method, encoderRule: nil, boundaries: [], notes: [note])
    }
    let ratios = settingRatios(settings.budget, layers: shape.layers)
    let isOmni = settings.method == .fastvOmni
    let kept = isOmni ? ratios : AudioIntact.share(ratios, shape.counts)
    let rule = BoundaryRule.global(
      video: kept.video, audio: isOmni ? kept.audio : nil,
      randomAudio: isOmni ? nil : AudioIntact.randomAudio(kept, settings.drawSeed(for: shape)))
    return SelectionPlan(
      method: settings.method, encoderRule: nil,
      boundaries: [LayerBoundary(afterLayer: dropLayer, rule: rule)],
      notes: notes(kept, shape.counts))
  }

  /// What to keep at the drop so that the average over all layers is the budget:
  /// (TRR·L − K) / (L − K). Not positive where the first K layers alone exceed the budget.
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

/// Budgets of methods made for vision: audio stays whole, and video gets what is left of the total.
enum AudioIntact {
  /// The least share of video that is kept whatever audio takes.
  static let videoFloor = 0.05

  /// Shares of the same total number of tokens, audio first. Unchanged where a modality is missing.
  static func share(_ ratios: RetentionBudget, _ counts: ModalityCounts) -> RetentionBudget {
    guard counts.video > 0, counts.audio > 0 else { return ratios }
    let (video, audio) = (Double(counts.video), Double(counts.audio))
    let total = (ratios.video * video + ratios.audio * audio).rounded(.towardZero)
    let left = (total - audio) / video
    guard left < videoFloor else { return RetentionBudget(video: left, audio: 1) }
    return RetentionBudget(video: videoFloor, audio: (total - videoFloor * video) / audio)
  }

  static func randomAudio(_ ratios: RetentionBudget, _ seed: UInt64) -> RandomShare? {
    ratios.audio < 1 ? RandomShare(ratio: ratios.audio, seed: seed) : nil
  }
}
