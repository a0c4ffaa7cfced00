import OmniModel
import Runs
import Selection
import Sessions

/// Decodes the lines of one run in a trace, and validates them against the run so far.
struct TraceDecoder: Sendable {
  let subject: RunSubject
  private var run = RunHistory()
  /// Positions left after each step; nil if only token counts are known.
  private var survivors: [[Int]?] = []

  init(_ run: TraceRun, _ header: TraceHeader?) throws(TraceProblem) {
    let origin = RunOrigin(run, header)
    subject = try RunSubject(run, origin)
    apply(
      .opened(
        subject, settings: try SelectionSettings(run.settings, plan: run.plan),
        plan: try SelectionPlan(run.plan, layers: run.model.layers)))
  }

  /// The event that opens the run.
  var opening: SessionEvent { .opened(subject, settings: run.settings, plan: run.plan) }

  private var layers: Int { subject.model.decoder.layers }

  /// The session events of a trace line. The decoder is unchanged if the line is invalid.
  mutating func events(_ event: TraceLine.Event) throws(TraceProblem) -> [SessionEvent] {
    switch event {
    case .plan(let change): return [apply(try replan(change))]
    case .began(let name): return [.began(try PrefillStep(name, layers: layers))]
    case .step(let step): return try advance(step)
    case .rewind(let rewind):
      let steps = try TraceCheck.count(rewind.steps, "steps", in: 0...layers + 3)
      return [apply(.rewound(steps: min(steps, run.records.count)))]
    case .activity(let activity):
      let found = SessionActivity.traceNames.first { $0.name == activity.state }
      guard let found else {
        throw TraceCheck.bad("state", activity.state, "idle, running, decoding, full")
      }
      return [.activity(found.activity)]
    case .token(let token):
      let answer = try grow(token)
      return fillHead() + [apply(.answered(answer))]
    case .answer(let whole):
      let answer = try AnswerRecord(whole)
      return fillHead() + [apply(.answered(answer))]
    case .full(let full): return [.fullRun(try FullRunRecord(full, layers: layers))]
    case .repeated(let record): return [.repeated(try RepeatRecord(record, layers: layers))]
    case .lens(let lens): return [apply(.lens(try LensUpdate(lens, layers: layers)))]
    case .peak(let peak): return [.peak(try MachinePeak(peak))]
    case .run, .message, .end, .unknown: return []
    }
  }

  /// Updates the run with an event.
  @discardableResult
  private mutating func apply(_ event: SessionEvent) -> SessionEvent {
    run.apply(event)
    survivors.removeLast(max(0, survivors.count - run.records.count))
    return event
  }

  private func replan(_ change: TracePlanChange) throws(TraceProblem) -> SessionEvent {
    let plan = try SelectionPlan(change.plan, layers: layers)
    let settings = try SelectionSettings(
      change.settings, plan: change.plan, before: run.settings)
    let kept = try TraceCheck.count(change.keeps, "keeps", in: 0...layers + 3)
    return .planned(settings, plan, keptSteps: min(kept, run.records.count))
  }

  private func grow(_ token: TraceToken) throws(TraceProblem) -> AnswerRecord {
    let before = run.answer ?? .empty
    guard let kept = before.start(ofLastScalars: token.back ?? 0) else {
      let scalars = before.scalarCount(from: 0)
      throw TraceCheck.bad("back", "\(token.back ?? 0)", "0 to \(scalars)")
    }
    let added = Array((token.text ?? "").utf8)
    try TraceCheck.answer(tokens: before.tokenCount + 1, bytes: kept + added.count)
    return before.grown(
      by: AnswerGrowth(
        keptIDs: before.tokenCount, ids: [token.id], keptBytes: kept, bytes: added,
        topLogits: token.top_logits?.map(AnswerRecord.Candidate.init) ?? before.topLogits,
        millisecondsPerToken: try token.ms_per_token.map { ms throws(TraceProblem) in
          try TraceCheck.number(ms, "ms_per_token")
        }, isComplete: false))
  }
}

// MARK: - Steps

extension TraceDecoder {
  private mutating func advance(_ step: TraceStep) throws(TraceProblem) -> [SessionEvent] {
    let name = try PrefillStep(TraceStepName(step: step.step, layer: step.layer), layers: layers)
    let index = name.index(layers: layers)
    var next = self
    var events: [SessionEvent] = []
    if index < next.run.records.count { events.append(next.apply(.rewound(steps: index))) }
    while next.run.records.count < index { events.append(next.fillIn()) }
    let (record, left) = try next.record(step, name)
    events.append(next.append(record, leaving: left))
    self = next
    return events
  }

  private mutating func append(_ record: StepRecord, leaving positions: [Int]?) -> SessionEvent {
    survivors.append(positions)
    return apply(.advanced(record))
  }

  /// Adds a step that the trace does not contain, without time and drop.
  private mutating func fillIn() -> SessionEvent {
    let step = run.nextStep ?? .head
    let counts = entering
    let record = StepRecord(
      step: step, entering: counts, leaving: counts, milliseconds: 0,
      selectionMilliseconds: 0, keyValueBytes: keyValueBytes(after: step, counts),
      referenceFlops: cost.step(step, tokens: counts.total), executedFlops: nil, drop: nil)
    return append(record, leaving: present)
  }

  /// Adds the head step if the trace does not contain it, because an answer follows it.
  private mutating func fillHead() -> [SessionEvent] {
    run.nextStep == .head ? [fillIn()] : []
  }

  /// Token counts before the next step.
  private var entering: ModalityCounts { run.records.last?.leaving ?? subject.prompt.counts }
  private var present: [Int]? {
    survivors.isEmpty ? Array(subject.prompt.modalities.indices) : survivors[survivors.count - 1]
  }

  private var cost: ReferenceCost { ReferenceCost(subject.model.decoder) }

  /// Bytes of the KV cache after a step; nil if the key width is unknown.
  private func keyValueBytes(after step: PrefillStep, _ left: ModalityCounts) -> Int? {
    guard subject.model.decoder.keyValueWidth > 0 else { return nil }
    let run = max(0, min(layers, step.index(layers: layers) - 1))
    return run * left.total * subject.model.decoder.keyValueBytesPerToken
  }

  private func record(
    _ step: TraceStep, _ name: PrefillStep
  ) throws(TraceProblem) -> (StepRecord, [Int]?) {
    let entering = try counts(step.entering, "entering", most: self.entering) ?? self.entering
    let drop = try step.drop.map { drop throws(TraceProblem) in
      try DropRecord(drop, before: present, prompt: subject.prompt)
    }
    let stated = try counts(step.leaving, "leaving", most: entering)
    let counted = drop.map { ModalityCounts($0.kept.lazy.map { subject.prompt.modalities[$0] }) }
    if let stated, let counted, stated != counted {
      throw TraceCheck.bad("leaving", "\(stated)", "the count of drop.kept, \(counted)")
    }
    let leaving = counted ?? stated ?? entering
    var record = StepRecord(
      step: name, entering: entering, leaving: leaving,
      milliseconds: try TraceCheck.number(step.ms, "ms"),
      attentionMilliseconds: try TraceCheck.number(step.attention_ms, "attention_ms"),
      feedForwardMilliseconds: try TraceCheck.number(step.feed_forward_ms, "feed_forward_ms"),
      selectionMilliseconds: try TraceCheck.number(step.selection_ms, "selection_ms"),
      keyValueBytes: try step.kv_bytes.map { bytes throws(TraceProblem) in
        try TraceCheck.count(bytes, "kv_bytes", in: 0...TraceLimits.memory)
      } ?? keyValueBytes(after: name, leaving),
      referenceFlops: try Self.flops(step.reference_flops, "reference_flops")
        ?? cost.step(name, tokens: entering.total),
      executedFlops: try Self.flops(step.executed_flops, "executed_flops"),
      feedForwardFlops: try TraceCheck.number(step.feed_forward_flops, "feed_forward_flops"),
      selectionFlops: try TraceCheck.number(step.selection_flops, "selection_flops"), drop: drop)
    record.visionMilliseconds = try TraceCheck.number(step.vision_ms, "vision_ms")
    record.audioMilliseconds = try TraceCheck.number(step.audio_ms, "audio_ms")
    record.visionSource = try Self.source(step.vision_source, "vision_source")
    record.audioSource = try Self.source(step.audio_source, "audio_source")
    record.residentBytes = try step.rss_bytes.map { bytes throws(TraceProblem) in
      try TraceCheck.count(bytes, "rss_bytes", in: 0...TraceLimits.memory)
    }
    return (record, drop?.kept ?? (leaving == self.entering ? present : nil))
  }

  private static func source(
    _ name: String?, _ key: String
  ) throws(TraceProblem) -> EncoderSource {
    guard let name else { return .computed }
    return try TraceCheck.known(name, key, as: EncoderSource.self)
  }

  private static func flops(_ value: Double?, _ key: String) throws(TraceProblem) -> Double? {
    try value.map { value throws(TraceProblem) in try TraceCheck.number(value, key) }
  }

  private func counts(
    _ counts: TraceStep.Counts?, _ key: String, most: ModalityCounts
  ) throws(TraceProblem) -> ModalityCounts? {
    guard let counts else { return nil }
    return ModalityCounts(
      text: try TraceCheck.count(
        counts.text, "\(key).text", in: 0...most.text, default: most.text),
      image: try TraceCheck.count(
        counts.image, "\(key).image", in: 0...most.image, default: most.image),
      video: try TraceCheck.count(
        counts.video, "\(key).video", in: 0...most.video, default: most.video),
      audio: try TraceCheck.count(
        counts.audio, "\(key).audio", in: 0...most.audio, default: most.audio))
  }
}
