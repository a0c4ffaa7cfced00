/// What one point gave on one question: a line of a results file.
public struct SweepResult: Sendable, Equatable, Codable {
  public let question: String
  public let kind: String
  /// Temporal windows of the clip.
  public let windows: Int?
  public let point: SweepPoint.Key
  public let answer: String
  /// Nil where nobody says what is right.
  public let isRight: Bool?
  /// The very tokens that full tokens give.
  public let isSameAsFull: Bool
  /// KL of the first token's distribution against full tokens, in nats.
  public let divergence: Double
  /// The five most likely first tokens, best first: id and logit.
  public let topLogits: [TokenLogit]
  /// FLOPs as the paper counts them: of this point, and of full tokens.
  public let referenceFlops, fullReferenceFlops: Double
  /// FLOPs executed, encoders left out.
  public let executedFlops: Double
  /// Median over repeats: Stage I, layers, selections and head.
  public let prefillMs: Double
  /// The part of it that choosing took.
  public let selectionMs: Double
  /// Video and audio tokens processed, averaged over layers.
  public let retentionReached: Double

  public init(
    question: String, kind: String, windows: Int?, point: SweepPoint.Key, answer: String,
    isRight: Bool?, isSameAsFull: Bool, divergence: Double, topLogits: [TokenLogit],
    referenceFlops: Double, fullReferenceFlops: Double, executedFlops: Double, prefillMs: Double,
    selectionMs: Double, retentionReached: Double
  ) {
    self.question = question
    self.kind = kind
    self.windows = windows
    self.point = point
    self.answer = answer
    self.isRight = isRight
    self.isSameAsFull = isSameAsFull
    self.divergence = divergence
    self.topLogits = topLogits
    self.referenceFlops = referenceFlops
    self.fullReferenceFlops = fullReferenceFlops
    self.executedFlops = executedFlops
    self.prefillMs = prefillMs
    self.selectionMs = selectionMs
    self.retentionReached = retentionReached
  }

  /// One of the likeliest first tokens.
  public struct TokenLogit: Sendable, Equatable, Codable {
    public let id: Int
    public let logit: Float
  }

  /// What tells results apart.
  struct Key: Hashable {
    let question: String
    let point: SweepPoint.Key
  }

  var key: Key { Key(question: question, point: point) }
}
