/// Which file, key or tensor decided something about a checkpoint, in words for the audit.
public struct CheckpointFact: Sendable, Equatable {
  /// What it is about: `rope`, `head`.
  public let subject: String
  public let fact: String
  /// Whether something that is there was not used as it stands.
  public let isWarning: Bool

  init(_ subject: String, _ fact: String, isWarning: Bool = false) {
    (self.subject, self.fact, self.isWarning) = (subject, fact, isWarning)
  }
}
