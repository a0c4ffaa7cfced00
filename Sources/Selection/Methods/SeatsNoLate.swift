/// SEATS without late removal: the remaining video and audio tokens pass all layers.
///
/// Cost in addition to the decoder: as SEATS.
enum SeatsNoLate {
  static let methods = [
    MethodDefinition(
      method: .seatsNoLate, summary: "SEATS without late removal",
      parameters: Seats.parameters.filter { $0 != .lateLayer },
      plan: { settings, shape in
        let plan = Seats.plan(seats(settings), shape)
        return SelectionPlan(
          method: .seatsNoLate, encoderRule: plan.encoderRule, boundaries: plan.boundaries,
          notes: plan.notes)
      }, equivalent: seats)
  ]

  @Sendable private static func seats(_ settings: SelectionSettings) -> SelectionSettings {
    var seats = settings
    (seats.method, seats.lateLayer) = (.seats, nil)
    return seats
  }
}

extension SelectionMethod {
  public static let seatsNoLate = SelectionMethod(named: "seats-nolate")
}
