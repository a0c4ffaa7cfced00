/// SEATS with a wider entrance and one drop: ours, not the reference's.
///
/// Stage I decides without knowing the question, and at small budgets it leaves a token or two per
/// window. Here it lets in as many as the schedule can pay for when all but a sixth of them go at once
/// at the first drop layer, chosen by relevance; λ and further drop layers follow from that. Windows,
/// budgets and removal are the reference's. The average over layers is the same.
///
/// Cost beside the decoder: as SEATS, with one drop.
enum SeatsWide {
  /// Share of what enters that stays from the drop to the removal.
  static let remaining = 1.0 / 6

  static let methods = [
    MethodDefinition(
      method: .seatsWide, summary: "SEATS with a wider entrance and one drop",
      parameters: Seats.parameters.filter { $0 != .encoderScale }, plan: plan)
  ]

  @Sendable private static func plan(_ settings: SelectionSettings, _ shape: PromptShape)
    -> SelectionPlan
  {
    var wide = settings
    let end = settings.removalLayer(in: shape.layers) ?? shape.layers
    let first = settings.dropLayers.filter { $0 >= 1 && $0 < end }.min()
    if let first {
      wide.dropLayers = [first]
      wide.encoderScale =
        Double(shape.layers) / (Double(first) + remaining * Double(end - first))
    }
    let plan = Seats.plan(wide, shape)
    let note = "no drop layer before the removal: λ is \(settings.encoderScale), as for seats"
    return SelectionPlan(
      method: .seatsWide, encoderRule: plan.encoderRule, boundaries: plan.boundaries,
      notes: plan.notes + (first == nil ? [note] : []))
  }
}

extension SelectionMethod {
  public static let seatsWide = SelectionMethod(named: "seats-wide")
}
