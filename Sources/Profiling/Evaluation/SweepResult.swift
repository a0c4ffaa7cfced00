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
  /// Fingerprints of the question and of the media it is about; nil where they are not known, as in
  /// files of the first format.
  public let asked, media: String?
  /// Where the question stands in its file; nil of questions from elsewhere, and in older files.
  public let document: EvaluationDocument?
  /// Tokens of the prompt and of the answer; nil in older files.
  public let promptTokens, answerTokens: Int?
  /// What was lost, cut or assumed of the clip; nil is nothing.
  public let notices: [String]?
  /// What could not be met to the letter under this point; nil is nothing.
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

  /// What the media are recognised by, whatever settings they are read under; nil where it is not
  /// known.
  var mediaContent: String? {
    media.map { String($0.prefix { $0 != "+" }) }
  }

  /// What questions about one clip have in common; the question's own name where its clip is not
  /// known.
  var cluster: String { mediaContent ?? question }
}
