/// The result of one point on one question: a line of a results file.
public struct SweepResult: Sendable, Equatable, Codable {
  public let question: String
  public let kind: String
  /// Temporal windows of the clip.
  public let windows: Int?
  public let point: SweepPoint.Key
  public let answer: String
  /// Nil without a right answer.
  public let isRight: Bool?
  /// Whether token ids are identical to the full run's.
  public let isSameAsFull: Bool
  /// KL of the first token's distribution against full tokens, in nats.
  public let divergence: Double
  /// The five most likely first tokens, best first: id and logit.
  public let topLogits: [TokenLogit]
  /// FLOPs as the paper counts them: of this point, and of full tokens.
  public let referenceFlops, fullReferenceFlops: Double
  /// FLOPs executed, without encoders.
  public let executedFlops: Double
  /// Median over repeats: Stage I, layers, selections and head.
  public let prefillMs: Double
  /// Selection time, part of `prefillMs`.
  public let selectionMs: Double
  /// Video and audio tokens processed, averaged over layers.
  public let retentionReached: Double
  /// Fingerprints of question and media; nil if unknown, as in the first format.
  public let asked, media: String?
  /// The question's document; nil for other sources, and in older files.
  public let document: EvaluationDocument?
  /// Tokens of the prompt and of the answer; nil in older files.
  public let promptTokens, answerTokens: Int?
  /// Notices on the clip; nil: none.
  public let notices: [String]?
  /// Notes on the plan and the answer; nil: none.
  public let notes: [String]?

  public init(
    question: String, kind: String, windows: Int?, point: SweepPoint.Key, answer: String,
    isRight: Bool?, isSameAsFull: Bool, divergence: Double, topLogits: [TokenLogit],
    referenceFlops: Double, fullReferenceFlops: Double, executedFlops: Double, prefillMs: Double,
    selectionMs: Double, retentionReached: Double, asked: String? = nil, media: String? = nil,
    document: EvaluationDocument? = nil, promptTokens: Int? = nil, answerTokens: Int? = nil,
    notices: [String] = [], notes: [String] = []
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
    (self.asked, self.media, self.document) = (asked, media, document)
    (self.promptTokens, self.answerTokens) = (promptTokens, answerTokens)
    self.notices = notices.isEmpty ? nil : notices
    self.notes = notes.isEmpty ? nil : notes
  }

  /// One of the most likely first tokens.
  public struct TokenLogit: Sendable, Equatable, Codable {
    public let id: Int
    public let logit: Float
  }

  /// Key of a result.
  struct Key: Hashable {
    let question: String
    let point: SweepPoint.Key
  }

  var key: Key { Key(question: question, point: point) }

  /// Fingerprint of the media without input settings; nil if unknown.
  var mediaContent: String? {
    media.map { String($0.prefix { $0 != "+" }) }
  }

  /// Cluster of a question: its clip, or its own name if the clip is unknown.
  var cluster: String { mediaContent ?? question }
}
