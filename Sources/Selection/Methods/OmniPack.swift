/// OmniPack (arXiv 2608.03812): before the decoder, keeps salient tokens and centres of density
/// peaks, and merges the others into them; after a middle layer, keeps tokens that are relevant to
/// the text and far from each other, and merges the others likewise. `omnipack` follows the
/// published code: the budget is the share left after the second stage, so that the average over
/// layers is higher. `omnipack-matched` meets the budget on average over layers.
///
/// Cost: O(n²·width) for n tokens of a modality, in blocks.
enum OmniPack {
  static let scale = SelectionParameter(
    "omnipack-scale", label: "λ (OmniPack)", in: 1...1000, standard: 2,
    help: "tokens entering layer 1, as a multiple of those kept to the end")
  static let depth = SelectionParameter(
    "omnipack-depth", label: "second stage", in: 0...1, standard: 18.0 / 28,
    help: "share of layers before the second stage")

  private static let parameters: [SelectionParameter] = [
    .budget, .gridsPerWindow, .audioWindowSeconds, scale, depth,
  ]

  static let methods = [
    MethodDefinition(
      method: .omnipack, summary: "OmniPack as published: the budget counts tokens kept to the end",
      parameters: parameters, plan: { plan(.omnipack, $0, $1, published) }),
    MethodDefinition(
      method: .omnipackMatched, summary: "OmniPack with the budget averaged over the layers",
      parameters: parameters, plan: { plan(.omnipackMatched, $0, $1, matched) }),
  ]

  /// Keep ratios of one modality at OmniPack's two stages.
  struct Shares: Equatable {
    /// Share of the prompt's tokens that enter layer 1.
    let entering: Double
    /// Share of the entering tokens that are left after the second stage.
    let kept: Double

    func average(after layer: Int, of layers: Int) -> Double {
      entering * (Double(layer) + kept * Double(layers - layer)) / Double(layers)
    }
  }

  /// Published keep ratios: e = min(1, λ·R) enters layer 1, and the share R / e of that is left.
  static func published(_ target: Double, _ scale: Double, after layer: Int, of layers: Int)
    -> Shares
  {
    let entering = min(1, scale * target)
    return Shares(entering: entering, kept: min(1, target / max(entering, 1e-6)))
  }

  /// Keep ratios for which the average over layers is the target; min(1, λ × the final share)
  /// enters layer 1.
  static func matched(_ target: Double, _ scale: Double, after layer: Int, of layers: Int)
    -> Shares
  {
    let (all, before) = (Double(layers), Double(layer))
    let left = target * all / (scale * before + all - before)
    let entering = min(1, scale * left)
    guard entering > 0, layer < layers else { return Shares(entering: entering, kept: 1) }
    let kept = (target * all - entering * before) / (entering * (all - before))
    return Shares(entering: entering, kept: min(1, max(0, kept)))
  }

  private static func plan(
    _ method: SelectionMethod, _ settings: SelectionSettings, _ shape: PromptShape,
    _ shares: (Double, Double, Int, Int) -> Shares
  ) -> SelectionPlan {
    let layers = shape.layers
    guard layers > 1 else {
      return SelectionPlan(
        method: method,
        encoderRule: EventPackingRule(
          video: settings.budget.video, audio: settings.budget.audio, windows: settings.windows),
        notes: ["OmniPack's second stage needs at least two layers"])
    }
    let layer = min(layers - 1, max(1, Int((settings[depth] * Double(layers)).rounded())))
    let video = shares(settings.budget.video, settings[scale], layer, layers)
    let audio = shares(settings.budget.audio, settings[scale], layer, layers)
    return SelectionPlan(
      method: method,
      encoderRule: EventPackingRule(
        video: video.entering, audio: audio.entering, windows: settings.windows),
      boundaries: [
        LayerBoundary(
          afterLayer: layer, rule: RelevancePackingRule(video: video.kept, audio: audio.kept))
      ],
      notes: notes(
        video.average(after: layer, of: layers), audio.average(after: layer, of: layers), settings,
        shape.counts))
  }

  /// A note if the average over layers exceeds the budget by more than 1 %.
  private static func notes(
    _ video: Double, _ audio: Double, _ settings: SelectionSettings, _ counts: ModalityCounts
  ) -> [String] {
    [
      ("video", video, settings.budget.video, counts.video),
      ("audio", audio, settings.budget.audio, counts.audio),
    ].filter { $0.1 > 1.01 * $0.2 && $0.3 > 0 }.map { name, average, target, _ in
      "\(name): \(percent(target)) is kept to the end, as published; "
        + "the average over the layers is \(percent(average))"
    }
  }

  private static func percent(_ share: Double) -> String {
    "\((share * 1000).rounded() / 10) %"
  }
}

extension SelectionMethod {
  public static let omnipack = SelectionMethod(named: "omnipack")
  public static let omnipackMatched = SelectionMethod(named: "omnipack-matched")
}
