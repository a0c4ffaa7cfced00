/// SEATS with as many video as audio tokens: ours, not the reference's.
///
/// The published pairs of ratios come from clips of 288 video and 50 audio tokens in 2 s, of which they keep
/// about as many of each at small budgets. With other numbers of tokens the same ratios leave one modality
/// next to nothing. Here the total of the pair is shared in equal parts; what one modality cannot take goes
/// to the other. Everything else is SEATS.
///
/// Cost besides the decoder: as SEATS.
enum SeatsEven {
  static let methods = [
    MethodDefinition(
      method: .seatsEven, summary: "SEATS with as many video as audio tokens, same total",
      parameters: Seats.parameters,
      plan: { settings, shape in
        var even = settings
        even.budget = share(settings.budget, shape.counts)
        let plan = Seats.plan(even, shape)
        return SelectionPlan(
          method: .seatsEven, encoderRule: plan.encoderRule, boundaries: plan.boundaries,
          notes: plan.notes)
      })
  ]

  /// Ratios with the same total number of tokens, half of it of each modality where both have as many.
  /// Unchanged if a modality is missing.
  static func share(_ ratios: RetentionBudget, _ counts: ModalityCounts) -> RetentionBudget {
    guard counts.video > 0, counts.audio > 0 else { return ratios }
    let (video, audio) = (Double(counts.video), Double(counts.audio))
    let total = ratios.video * video + ratios.audio * audio
    let kept = min(video, max(total / 2, total - audio))
    return RetentionBudget(video: kept / video, audio: (total - kept) / audio)
  }
}

extension SelectionMethod {
  public static let seatsEven = SelectionMethod(named: "seats-even")
}
