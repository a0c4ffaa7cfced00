import Foundation

/// OmniDrop (arXiv 2605.14458), from its paper; its code is not public. Video and audio are thinned
/// apart before the decoder; then, after every layer, the tokens that the question attends to least are
/// dropped, of both modalities together, more in the second half of the layers.
///
/// Cost besides the decoder: after a layer one row of attention per question token, O(S·d).
enum OmniDrop {
  static let diversity = SelectionParameter(
    "omnidrop-diversity", label: "λ (OmniDrop)", in: 0...100, standard: 0.2,
    help: "weight of the distance in time from the most attended window")

  static let methods = [
    MethodDefinition(
      method: .omnidrop,
      summary: "OmniDrop, from its paper: after every layer, what the question attends to least",
      parameters: [.budget, .gridsPerWindow, .audioWindowSeconds, diversity], plan: plan)
  ]

  /// Shares that enter layer 1, as published: about 45 % of a clip of the paper's size.
  static let entering = RetentionBudget(video: 0.4, audio: 0.7)
  /// Steepness of the sigmoid over depth, and where its middle is.
  static let (steepness, middle) = (20.0, 0.5)
  /// The largest published share that a layer drops.
  static let most = 0.5

  /// Shares dropped by the layers: p(l) = p₀ + (p₁ − p₀)·σ(20·(l/L − ½)).
  struct Schedule: Equatable {
    /// Of the deepest layer, 0…0.5.
    let final: Double
    /// Of the shallowest: 0 up to a final share of 0.2, 0.02 at 0.5, as published for both.
    var initial: Double { max(0, 0.02 * (final - 0.2) / 0.3) }
    /// Factor of the published shares that enter.
    let scale: Double

    func drop(after layer: Int, of layers: Int) -> Double {
      let depth = Double(layer) / Double(layers)
      return initial + (final - initial) / (1 + exp(-steepness * (depth - middle)))
    }

    var shares: RetentionBudget {
      RetentionBudget(video: min(1, scale * entering.video), audio: min(1, scale * entering.audio))
    }
  }

  @Sendable private static func plan(_ settings: SelectionSettings, _ shape: PromptShape)
    -> SelectionPlan
  {
    let schedule = schedule(settings, shape)
    let rule = rule(schedule, settings)
    var tokens = count(rule.entering(each: shape))
    var boundaries: [LayerBoundary] = []
    for layer in 1..<max(1, shape.layers) {
      let drop = schedule.drop(after: layer, of: shape.layers)
      let count = ProgressivePruning.dropCount(drop, of: tokens)
      guard count > 0 else { continue }
      tokens -= count
      let isDeep = Double(layer) >= middle * Double(shape.layers)
      boundaries.append(
        LayerBoundary(
          afterLayer: layer,
          rule: ProgressiveRule(drop: drop, diversity: isDeep ? settings[diversity] : 0)))
    }
    return SelectionPlan(
      method: .omnidrop, encoderRule: rule, boundaries: boundaries,
      notes: notes(schedule, shape, layerSum(schedule, settings, shape), target(settings, shape)))
  }

  private static func rule(_ schedule: Schedule, _ settings: SelectionSettings) -> UnimodalRule {
    let shares = schedule.shares
    return UnimodalRule(video: shares.video, audio: shares.audio, windows: settings.windows)
  }

  /// The schedule that comes closest to the budget from below: by the share that the deepest layer drops
  /// while that is a published one, else by the shares that enter.
  static func schedule(_ settings: SelectionSettings, _ shape: PromptShape) -> Schedule {
    let target = target(settings, shape)
    func fits(_ schedule: Schedule) -> Bool {
      Double(layerSum(schedule, settings, shape)) <= target
    }
    if fits(Schedule(final: 0, scale: 1)) {
      let most = 1 / min(entering.video, entering.audio)
      if fits(Schedule(final: 0, scale: most)) { return Schedule(final: 0, scale: most) }
      return Schedule(final: 0, scale: boundary(1, most) { fits(Schedule(final: 0, scale: $0)) })
    }
    guard fits(Schedule(final: most, scale: 1)) else {
      return Schedule(final: most, scale: boundary(0, 1) { fits(Schedule(final: most, scale: $0)) })
    }
    return Schedule(final: boundary(most, 0) { fits(Schedule(final: $0, scale: 1)) }, scale: 1)
  }

  /// The last value from `inside`, towards `outside`, that still fits.
  private static func boundary(
    _ inside: Double, _ outside: Double, _ fits: (Double) -> Bool
  ) -> Double {
    var (inside, outside) = (inside, outside)
    for _ in 0..<40 {
      let half = (inside + outside) / 2
      if fits(half) { inside = half } else { outside = half }
    }
    return inside
  }

  /// Video and audio tokens of the budget, summed over the layers.
  private static func target(_ settings: SelectionSettings, _ shape: PromptShape) -> Double {
    let (video, audio) = (Double(shape.counts.video), Double(shape.counts.audio))
    let share = settings.budget.video * video + settings.budget.audio * audio
    return share * Double(shape.layers)
  }

  /// Video and audio tokens that the layers process, summed over the layers.
  private static func layerSum(
    _ schedule: Schedule, _ settings: SelectionSettings, _ shape: PromptShape
  ) -> Int {
    var tokens = count(rule(schedule, settings).entering(each: shape))
    var sum = 0
    for layer in 1..<max(2, shape.layers + 1) {
      sum += tokens
      let drop = layer < shape.layers ? schedule.drop(after: layer, of: shape.layers) : 0
      tokens -= ProgressivePruning.dropCount(drop, of: tokens)
    }
    return sum
  }

  private static func count(_ counts: ModalityCounts) -> Int { counts.video + counts.audio }

  private static func notes(
    _ schedule: Schedule, _ shape: PromptShape, _ sum: Int, _ target: Double
  ) -> [String] {
    guard count(shape.counts) > 0 else { return [] }
    if Double(sum) > 1.01 * target {
      return ["one token of each modality already exceeds the budget"]
    }
    guard schedule.scale != 1, schedule.shares != RetentionBudget(video: 1, audio: 1) else {
      return []
    }
    let shares = schedule.shares
    return [
      "\(percent(shares.video)) of video and \(percent(shares.audio)) of audio enter, instead of "
        + "the published 40 and 70 %, to meet the budget"
    ]
  }

  private static func percent(_ share: Double) -> String {
    "\((share * 1000).rounded() / 10) %"
  }
}

extension SelectionMethod {
  public static let omnidrop = SelectionMethod(named: "omnidrop")
}
