/// A fact for the audit: which file, key or tensor determined a property of the checkpoint.
public struct CheckpointFact: Sendable, Equatable {
  /// Short subject of the fact: `rope`, `head`.
  public let subject: String
  public let fact: String
  /// Whether the fact is a warning: something in the checkpoint was ignored or changed.
  public let isWarning: Bool

  init(_ subject: String, _ fact: String, isWarning: Bool = false) {
    (self.subject, self.fact, self.isWarning) = (subject, fact, isWarning)
  }
}
