/// SEATS with a larger encoder ratio and one drop: ours, not the reference's.
///
/// Stage I does not use the question, and at small budgets it leaves one or two tokens per window.
/// Here more tokens enter, and at the first drop layer all but a sixth are dropped by relevance; λ
/// follows from the budget, and further drop layers are not used. Windows, budgets and removal are
/// the reference's. The average over layers is the same.
///
/// Cost besides the decoder: as SEATS, with one drop.
enum SeatsWide {
  /// Share of the entering tokens left between drop and removal.
  static let remaining = 1.0 / 6

  static let methods = [
    MethodDefinition(
      method: .seatsWide, summary: "SEATS with a higher Stage I ratio and one drop",
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
