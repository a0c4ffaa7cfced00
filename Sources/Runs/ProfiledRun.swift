import Basics
import OmniModel
import Selection

/// A run in progress: prefill, step records and answer. A value type, used for sessions and
/// reports.
public struct ProfiledRun: Sendable {
  public let opened: OpenedRun
  public let request: RunRequest
  public private(set) var settings: SelectionSettings
  /// Records of the finished steps, in order.
  public private(set) var records: [StepRecord] = []
  public private(set) var answer: AnswerRecord?
  private(set) var prefill: Prefill
  var runLens: RunLens
  private var decoder: AnswerDecoder?

  public init(_ opened: OpenedRun, _ request: RunRequest) {
    self.init(
      opened, request, settings: request.options.settings(for: opened.thinker), media: nil)
  }

  /// A run before its first step.
  /// - Parameter media: encoder outputs of an earlier run of the same clip, to be reused.
  public init(
    _ opened: OpenedRun, _ request: RunRequest, settings: SelectionSettings, media: EncodedMedia?
  ) {
    self.opened = opened
    self.request = request
    self.settings = settings
    runLens = RunLens(request.lens)
    prefill = Prefill(
      opened.prompt, thinker: opened.thinker,
      plan: settings.plan(for: opened.subject.promptShape), media: media,
      snapshotBytes: request.snapshotBytes)
  }

  public var plan: SelectionPlan { prefill.plan }
  public var nextStep: PrefillStep? { prefill.nextStep }
  /// Next-token logits of the prompt, `[vocabulary]`; empty before the head has run.
  public var logits: [Float] { prefill.logits }
  /// Encoder outputs, for other runs of the prompt; nil before the encoders have run.
  public var encodedMedia: EncodedMedia? { prefill.encodedMedia }
  public var isPrefilled: Bool { prefill.isComplete }
  /// Whether the answer ends with an end-of-sequence token.
  public var hasEnded: Bool {
    answer?.lastTokenID.map { opened.thinker.stopTokens.contains($0) } ?? false
  }
  public var isAnswered: Bool { answer?.isComplete ?? false }

  /// Wall times of the encoders for this clip, in seconds; nil before the encoders have run.
  public var encoderSeconds: (vision: Double, audio: Double)? {
    prefill.outcomes.first.map { ($0.visionSeconds, $0.audioSeconds) }
  }

  /// Prefill time after the encoders, in milliseconds: Stage I, layers, selections and head.
  public var prefillMilliseconds: Double {
    records.dropFirst().reduce(0) { $0 + $1.totalMilliseconds }
  }

  /// Executes one step.
  /// - Returns: its record; nil if the prefill is complete.
  public mutating func advance(_ cancellation: Cancellation) throws(PrefillError) -> StepRecord? {
    guard try prefill.advance(cancellation) != nil else { return nil }
    return appendLastRecord()
  }

  /// Removes the answer, or else the last step.
  /// - Returns: false if there is neither.
  public mutating func back() -> Bool {
    if answer != nil {
      forgetAnswer()
      rewind(toSteps: records.count - 1)
      return true
    }
    guard prefill.stepBack() else { return false }
    records.removeLast()
    rewindLens()
    return true
  }

  /// Steps back to the first `steps` steps and discards the answer.
  public mutating func rewind(toSteps steps: Int) {
    guard steps < records.count || answer != nil || prefill.hasLostMedia else { return }
    forgetAnswer()
    prefill.rewind(toSteps: steps)
    records.removeLast(max(0, records.count - prefill.outcomes.count))
    rewindLens()
  }

  private mutating func rewindLens() {
    runLens.rewind(toSteps: records.count, layers: prefill.layerCount)
  }

  /// Applies new settings and steps back to the first step that they change.
  /// - Returns: number of records kept. If only the selection after a step is repeated, that step
  ///   has a new record after them.
  public mutating func configure(_ planned: PlannedSettings) -> Int {
    let planned = planned.planned(for: opened.subject.promptShape)
    settings = planned.settings
    let standing = prefill.apply(planned.plan)
    runLens.plan = nil
    guard standing < records.count else { return standing }
    forgetAnswer()
    records.removeLast(records.count - standing)
    rewindLens()
    if prefill.outcomes.count > standing { appendLastRecord() }
    return standing
  }

  /// Applies new settings, with the plan that they give for the open clip.
  public mutating func configure(_ settings: SelectionSettings) -> Int {
    configure(PlannedSettings(settings, for: opened.subject.promptShape))
  }

  /// Generates the next token of the answer; the prefill must be complete.
  /// - Returns: the answer so far; nil if it is complete.
  /// - Throws: `PrefillError.broken`; the answer is unchanged.
  public mutating func decode() throws(PrefillError) -> AnswerRecord? {
    guard isPrefilled, !isAnswered else { return answer }
    var decoding =
      decoder
      ?? AnswerDecoder(prefill, opened.thinker, limit: request.maxNewTokens, request.ignoresEnd)
    decoder = nil
    answer = try decoding.advance()
    decoder = decoding
    return answer
  }

  /// A full-token run of the same clip, which reuses the encoder outputs.
  public func fullTokens() -> ProfiledRun {
    var full = self
    full.rewind(toSteps: 1)
    var settings = settings
    (settings.method, settings.forced) = (.full, ForcedTokens())
    _ = full.configure(settings)
    return full
  }

  private mutating func forgetAnswer() {
    answer = nil
    decoder = nil
  }

  @discardableResult
  private mutating func appendLastRecord() -> StepRecord? {
    guard let outcome = prefill.outcomes.last else { return nil }
    let cost = ReferenceCost(opened.subject.model.decoder)
    var record = StepRecord(outcome, cost, keyValueBytes: prefill.keyValueBytes)
    record.residentBytes = MachineMemory.resident
    (record.visionSource, record.audioSource) = (
      EncoderSource(outcome.vision), EncoderSource(outcome.audio)
    )
    record.visionMilliseconds = outcome.visionSeconds * 1000
    record.audioMilliseconds = outcome.audioSeconds * 1000
    records.append(record)
    return record
  }
}

extension StepRecord {
  init(_ outcome: StepOutcome, _ cost: ReferenceCost, keyValueBytes: Int) {
    let reference: Double =
      switch outcome.step {
      case .layer: cost.layer(tokens: outcome.entering.total)
      case .head: cost.head(tokens: outcome.entering.total)
      case .encoders, .stage1: 0
      }
    self.init(
      step: outcome.step, entering: outcome.entering, leaving: outcome.leaving,
      milliseconds: outcome.computeSeconds * 1000,
      attentionMilliseconds: outcome.attentionSeconds * 1000,
      feedForwardMilliseconds: outcome.feedForwardSeconds * 1000,
      selectionMilliseconds: outcome.selectionSeconds * 1000, keyValueBytes: keyValueBytes,
      referenceFlops: reference,
      executedFlops: outcome.executedFlops + outcome.selectionFlops,
      feedForwardFlops: outcome.feedForwardFlops, selectionFlops: outcome.selectionFlops,
      drop: outcome.drop)
  }
}

/// Greedy decoding that measures the time per token.
private struct AnswerDecoder: Sendable {
  private var decoding: Decoding
  private let thinker: Thinker
  private var answer = AnswerRecord.empty
  private var text = IncrementalText()
  private let candidates: [AnswerRecord.Candidate]
  private let limit: Int
  private let ignoresEnd: Bool
  private var secondsAfterFirst = 0.0

  init(_ prefill: Prefill, _ thinker: Thinker, limit: Int, _ ignoresEnd: Bool) {
    decoding = Decoding(prefill, longest: limit)
    self.thinker = thinker
    self.limit = limit
    self.ignoresEnd = ignoresEnd
    let logits = prefill.logits
    candidates = logits.topIndices(5).map { id in
      .init(
        id: id, text: thinker.tokenizer.decode([id], keepingSpecial: true),
        logit: logits[id])
    }
  }

  mutating func advance() throws(PrefillError) -> AnswerRecord {
    let start = ContinuousClock.now
    let isFirst = answer.tokenCount == 0
    let id = limit > 0 ? try decoding.next() : nil
    if !isFirst { secondsAfterFirst += decoding.seconds ?? start.duration(to: .now).seconds }
    let count = answer.tokenCount + (id == nil ? 0 : 1)
    let hasEnded = id.map { !ignoresEnd && thinker.stopTokens.contains($0) } ?? true
    let change = text.take(id.map { thinker.tokenizer.bytes([$0]) } ?? [])
    answer = answer.grown(
      by: AnswerGrowth(
        keptIDs: answer.tokenCount, ids: id.map { [$0] } ?? [],
        keptBytes: answer.byteCount - change.removed, bytes: change.added, topLogits: candidates,
        millisecondsPerToken: count > 1 ? secondsAfterFirst * 1000 / Double(count - 1) : nil,
        isComplete: hasEnded || count >= limit))
    return answer
  }
}

extension FullRunRecord {
  /// The answer of a run as a record; nil before its first token.
  public init?(_ run: ProfiledRun) {
    guard let answer = run.answer, run.isAnswered else { return nil }
    let layers = run.records.layers
    self.init(
      answer: answer,
      prefillMilliseconds: run.prefillMilliseconds,
      layerMilliseconds: layers.map(\.milliseconds),
      attentionMilliseconds: layers.map(\.attentionMilliseconds),
      feedForwardMilliseconds: layers.map(\.feedForwardMilliseconds),
      keyValueBytes: run.records.last?.keyValueBytes ?? 0,
      executedFlops: run.records.dropFirst(2).knownSum(\.executedFlops))
    lens = run.lens.records
  }
}
