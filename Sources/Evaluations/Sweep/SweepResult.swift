/// Result of one point on one question: a line of a results file.
public struct SweepResult: Sendable, Equatable, Codable {
  public let question: String
  public let kind: String
  /// Number of temporal windows of the clip; nil if unknown.
  public let windows: Int?
  public let point: SweepPoint.Key
  public let answer: String
  /// Whether the answer is right; nil if no right answer is known.
  public let isRight: Bool?
  /// Whether the answer has the same token ids as with full tokens.
  public let isSameAsFull: Bool
  /// KL divergence of the first answer token's distribution from full tokens, in nats.
  public let divergence: Double
  /// The five most probable first tokens, in descending order: id and logit.
  public let topLogits: [TokenLogit]
  /// FLOPs as the paper counts them, of this point and of full tokens.
  public let referenceFlops, fullReferenceFlops: Double
  /// FLOPs executed, without the encoders.
  public let executedFlops: Double
  /// Median prefill time over the repeats, in milliseconds: Stage I, layers, selections and head.
  public let prefillMs: Double
  /// Selection time, which is part of `prefillMs`.
  public let selectionMs: Double
  /// Share of the video and audio tokens that were processed, averaged over layers.
  public let retentionReached: Double
  /// Fingerprints of the question and of the media; nil if unknown, as in the first format.
  public let asked, media: String?
  /// The question's entry in the task file; nil for other sources and in older files.
  public let document: EvaluationDocument?
  /// Number of tokens of the prompt and of the answer; nil in older files.
  public let promptTokens, answerTokens: Int?
  /// Notices about the clip; nil if there are none.
  public let notices: [String]?
  /// Notes on the plan and on the answer; nil if there are none.
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

  /// One of the most probable first tokens, with its logit.
  public struct TokenLogit: Sendable, Equatable, Codable {
    public let id: Int
    public let logit: Float
  }

  /// Key of a result: question and point.
  struct Key: Hashable {
    let question: String
    let point: SweepPoint.Key
  }

  var key: Key { Key(question: question, point: point) }

  /// Fingerprint of the media without input settings; nil if unknown.
  var mediaContent: String? {
    media.map { String($0.prefix { $0 != "+" }) }
  }

  /// Cluster of the question for standard errors: its clip, or the question itself if the clip is
  /// unknown.
  var cluster: String { mediaContent ?? question }
}
