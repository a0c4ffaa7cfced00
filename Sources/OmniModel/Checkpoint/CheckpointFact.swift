/// A fact for the audit: which file, key or tensor decided something about a checkpoint.
public struct CheckpointFact: Sendable, Equatable {
  /// Subject: `rope`, `head`.
  public let subject: String
  public let fact: String
  /// Whether something present was ignored or changed.
  public let isWarning: Bool

  init(_ subject: String, _ fact: String, isWarning: Bool = false) {
    (self.subject, self.fact, self.isWarning) = (subject, fact, isWarning)
  }
}
