/// What there is to set about a selection, beside the method itself.
public enum SelectionKnob: Sendable, Hashable, CaseIterable {
  case budget, encoderScale, dropLayers, lateLayer, windowTemperature
  case gridsPerWindow, audioWindowSeconds, seed
}

extension SelectionMethod {
  /// The settings that change what the method does; it ignores the others.
  public var knobs: Set<SelectionKnob> {
    switch self {
    case .full: []
    case .seats:
      [
        .budget, .encoderScale, .dropLayers, .lateLayer, .windowTemperature, .gridsPerWindow,
        .audioWindowSeconds,
      ]
    case .seatsWide:
      [
        .budget, .dropLayers, .lateLayer, .windowTemperature, .gridsPerWindow,
        .audioWindowSeconds,
      ]
    case .random, .fastv, .divprune, .dycoke: [.budget, .seed]
    case .randomLate: [.budget, .lateLayer, .seed]
    case .fastvOmni, .divpruneOmni: [.budget]
    case .visionzip: [.budget, .audioWindowSeconds, .seed]
    case .visionzipOmni: [.budget, .audioWindowSeconds]
    case .omnizip: [.budget, .gridsPerWindow, .audioWindowSeconds]
    }
  }
}
