/// SEATS (arXiv 2605.20035). Stage I: before the decoder, a diverse subset of tokens that receive
/// much attention. Stage II: after a few layers, the tokens most relevant to the query, under
/// window budgets. Stage III: in the late layers text only.
///
/// Cost in addition to the decoder: Stage I O(Σ n²·d) over windows of n tokens, each drop O(S·d)
/// for one query row over S tokens.
enum Seats {
  static let parameters: [SelectionParameter] = [
    .budget, .encoderScale, .dropLayers, .lateLayer, .windowTemperature, .gridsPerWindow,
    .audioWindowSeconds,
  ]

  static let methods = [
    MethodDefinition(
      method: .seats, summary: "SEATS", parameters: parameters, plan: { plan($0, $1) })
  ]

  static func plan(_ settings: SelectionSettings, _ shape: PromptShape) -> SelectionPlan {
    var notes: [String] = []
    let wanted = encoderRatios(settings)
    if wanted.video >= 1, wanted.audio >= 1 {
      let note = "λ × both ratios ≥ 1: nothing is dropped, as in the reference code"
      return SelectionPlan(method: .seats, notes: [note])
    }
    notes += cappingNotes(wanted)
    let entering = RetentionBudget(video: min(wanted.video, 1), audio: min(wanted.audio, 1))

    let removal = removalLayer(settings, shape.layers, &notes)
    let drops = validDrops(settings, removal, shape.layers, &notes)
    let video = schedule(settings.budget.video, entering.video, drops, removal, shape.layers)
    let audio = schedule(settings.budget.audio, entering.audio, drops, removal, shape.layers)
    notes += solvabilityNotes(video, audio, settings, shape.counts)

    let inner = zip(drops, zip(video.keepRatios, audio.keepRatios)).map { layer, keep in
      LayerBoundary(
        afterLayer: layer,
        rule: WindowBudgetRule(
          video: keep.0, audio: keep.1, temperature: settings.windowTemperature))
    }
    let last = removal.map { [LayerBoundary(afterLayer: $0, rule: RemovalRule())] } ?? []
    return SelectionPlan(
      method: .seats,
      encoderRule: DiversityRule(
        video: entering.video, audio: entering.audio, windows: settings.windows),
      boundaries: inner + last, notes: notes)
  }

  /// Encoder ratios λ × target per modality, not limited to 1.
  static func encoderRatios(_ settings: SelectionSettings) -> RetentionBudget {
    RetentionBudget(
      video: settings.encoderScale * settings.budget.video,
      audio: settings.encoderScale * settings.budget.audio)
  }

  private static func schedule(
    _ target: Double, _ entering: Double, _ drops: [Int], _ removal: Int?, _ layers: Int
  ) -> DropSchedule {
    DropSchedule(
      target: target, entering: entering, dropLayers: drops, removeAfter: removal, layers: layers)
  }

  /// The layer after which Stage III removes tokens: a late layer Ll means after layer Ll − 1.
  private static func removalLayer(
    _ settings: SelectionSettings, _ layers: Int, _ notes: inout [String]
  ) -> Int? {
    let removal = settings.removalLayer(in: layers)
    if removal == nil, let late = settings.lateLayer {
      notes.append("late layer \(late) is outside 2…\(layers + 1): no late removal")
    }
    return removal
  }

  private static func validDrops(
    _ settings: SelectionSettings, _ removal: Int?, _ layers: Int, _ notes: inout [String]
  ) -> [Int] {
    let end = removal ?? layers
    let requested = Array(Set(settings.dropLayers)).sorted()
    for layer in requested where layer < 1 || layer >= end {
      let place =
        end > 1 ? "drops must lie in 1…\(end - 1)" : "no layer before the removal"
      notes.append("drop layer \(layer) is ignored: \(place)")
    }
    return requested.filter { $0 >= 1 && $0 < end }
  }

  private static func cappingNotes(_ wanted: RetentionBudget) -> [String] {
    [("video", wanted.video), ("audio", wanted.audio)].filter { $0.1 > 1 }.map {
      "λ × \($0.0) ratio is above 1 and capped: every \($0.0) token enters layer 1"
    }
  }

  /// A note per modality whose target retention the schedule misses by more than 1 %.
  private static func solvabilityNotes(
    _ video: DropSchedule, _ audio: DropSchedule, _ settings: SelectionSettings,
    _ counts: ModalityCounts
  ) -> [String] {
    let solved = [
      ("video", video, settings.budget.video, counts.video),
      ("audio", audio, settings.budget.audio, counts.audio),
    ]
    return solved.filter { !$0.1.dropLayers.isEmpty && $0.3 > 0 }.compactMap {
      name, schedule, target, _ in
      let reached = schedule.averageRetention
      let percents = "\(percent(target)), the closest possible is \(percent(reached))"
      if reached < 0.99 * target {
        return "\(name): Stage I and the removal alone exceed the budget; inner drops keep all "
          + "(target \(percents))"
      }
      if reached > 1.01 * target {
        return "\(name): inner drops down to one token still exceed the budget "
          + "(target \(percents))"
      }
      return nil
    }
  }

  private static func percent(_ share: Double) -> String {
    "\((share * 1000).rounded() / 10) %"
  }
}

extension SelectionMethod {
  public static let seats = SelectionMethod(named: "seats")
}
