/// A variant of SEATS by this project, with a larger encoder ratio and one drop.
///
/// Stage I does not use the question, and at small budgets it keeps only one or two tokens per
/// window. In this variant more tokens enter the decoder, and at the first drop layer all but one
/// sixth are dropped by relevance. λ is computed from the budget, and further drop layers are not
/// used. Windows, budgets and late removal are those of the reference, and the average over layers
/// is the same.
///
/// Cost in addition to the decoder: as SEATS, with one drop.
enum SeatsWide {
  /// Share of the entering tokens that are left between the drop and the removal.
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
