import Basics
import OmniModel
import Runs
import Selection

extension RunReport {
  /// The report of a run, with the steps that are finished.
  /// - Parameter repeats: times of repeated prefills, with the plan and with full tokens.
  public init(_ run: ProfiledRun, full: FullRunRecord?, repeats: [RepeatRecord] = []) {
    let subject = run.opened.subject
    let records = run.records
    model = Model(subject.model, run.opened.thinker)
    clip = Clip(subject)
    tokens = Tokens(subject)
    promptIds = run.opened.prompt.ids
    settings = Settings(run.settings)
    plan = Plan(run)
    stage1 = Stage1(run)
    boundaries = records.compactMap { Boundary($0, subject) }
    layers = records.compactMap { Layer($0, run) }
    flops = Flops(run)
    timing = Timing(run)
    lens = Lens(run)
    repeated = repeats.isEmpty ? nil : Repeated(repeats)
    memory = Memory(
      peakBytes: Nullable(MachineMemory.peakResident), streaming: Streaming(run.opened.thinker))
    answer = Answer(run.answer)
    self.full = full.map { Full($0, run.answer) }
    notes =
      records.faults(of: subject).map(\.description) + run.plan.notes
      + records.flatMap { $0.drop?.notes ?? [] } + run.lens.notes + Self.answerNotes(run)
      + subject.clip.audit.notices + (memory.streaming.map { [$0.note] } ?? [])
  }
}

extension RunReport {
  /// Notes on an answer that is incomplete.
  public static func answerNotes(_ run: ProfiledRun) -> [String] {
    guard let answer = run.answer else { return ["the run ended without an answer"] }
    if !answer.isComplete {
      return ["the answer was stopped after \(answer.tokenCount) tokens"]
    }
    guard answer.tokenCount >= run.request.maxNewTokens, !run.hasEnded else { return [] }
    return ["the answer was truncated at --max-new-tokens \(run.request.maxNewTokens)"]
  }
}

extension RunReport.Model {
  init(_ model: ModelSummary, _ thinker: Thinker) {
    self.init(
      name: model.name, architecture: model.architecture, layers: model.decoder.layers,
      hidden: model.decoder.hidden, dtype: model.dtype, compute: thinker.computeName,
      engine: thinker.engineName,
      parameters: model.parameters,
      checkpoint: thinker.facts.map {
        .init(subject: $0.subject, fact: $0.fact, isWarning: $0.isWarning)
      })
  }
}

extension RunReport.Streaming {
  /// Statistics of streamed weights; nil if all weights are resident.
  init?(_ thinker: Thinker) {
    guard let plan = thinker.streaming, let traffic = thinker.weightTraffic else { return nil }
    self.init(
      weightBytes: plan.weights, boundBytes: plan.bound, readBytes: traffic.bytes,
      residentWeightBytes: traffic.most)
  }

  var note: String {
    func size(_ bytes: Int) -> String { Measure.bytes(bytes) }
    return
      "weights of \(size(weightBytes)) were read as they were used: \(size(readBytes)) so far, "
      + "at most \(size(residentWeightBytes)) of them resident, within \(size(boundBytes)) in all"
  }
}

extension RunReport.Repeated {
  init(_ repeats: [RepeatRecord]) {
    func times(_ isFull: Bool) -> Times? {
      let all = repeats.filter { $0.isFull == isFull }.map(\.prefillMilliseconds)
      return Spread(all).map {
        Times(runs: $0.count, medianMs: $0.median, leastMs: $0.least, mostMs: $0.most)
      }
    }
    self.init(prefill: times(false), fullPrefill: times(true))
  }
}

extension RunReport.Clip {
  init(_ subject: RunSubject) {
    let clip = subject.clip
    self.init(
      title: clip.title, seconds: Nullable(clip.seconds), frames: clip.frames,
      question: clip.question,
      expectedAnswer: Nullable(clip.answer), source: clip.source, input: clip.input,
      secondsPerGrid: Nullable(subject.media.clips.lazy.compactMap(\.video).first?.secondsPerGrid),
      parts: clip.parts.isEmpty ? nil : RunReport.Part.all(subject))
  }
}

extension RunReport.Part {
  static func all(_ subject: RunSubject) -> [Self] {
    subject.clip.parts.enumerated().map { index, part in
      let media = subject.media.clips
      let video = media.indices.contains(index) ? media[index].video : nil
      return Self(
        place: part.place, kind: part.kind, title: part.title, source: part.source,
        seconds: Nullable(part.seconds), frames: part.frames, image: part.image,
        video: part.video, audio: subject.ofAudio(part.audio),
        secondsPerGrid: Nullable(video?.secondsPerGrid))
    }
  }
}

extension RunReport.Tokens {
  init(_ subject: RunSubject) {
    let prompt = subject.prompt
    self.init(
      text: prompt.counts.textAndImage, video: prompt.counts.video,
      audio: subject.ofAudio(prompt.counts.audio),
      total: prompt.counts.total, windows: prompt.windows,
      contentHash: prompt.contentHash.hexadecimal)
  }
}

extension RunReport.Settings {
  init(_ settings: SelectionSettings) {
    self.init(
      method: settings.method.rawValue, videoRatio: settings.budget.video,
      audioRatio: settings.budget.audio, encoderScale: settings.encoderScale,
      dropLayers: settings.dropLayers, lateLayer: Nullable(settings.lateLayer),
      gridsPerWindow: settings.windows.grids, audioWindowSeconds: settings.windows.audioSeconds,
      windowTemperature: settings.windowTemperature, seed: settings.seed,
      parameters: settings.values.isEmpty ? nil : settings.values,
      keep: settings.forced.kept.isEmpty ? nil : settings.forced.kept,
      drop: settings.forced.dropped.isEmpty ? nil : settings.forced.dropped)
  }
}

extension UInt64 {
  /// The number as 16 hexadecimal digits.
  public var hexadecimal: String {
    let digits = String(self, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }
}

extension RunReport.Plan {
  init(_ run: ProfiledRun) {
    let (plan, settings) = (run.plan, run.settings)
    let keeps = plan.boundaries.filter { $0.rule.kind != .remove }.map(\.rule.ratios)
    let drops = plan.dropLayers
    let entering = plan.encoderRule?.ratios ?? RetentionBudget(video: 1, audio: 1)
    let isFull = plan.method == .full
    let subject = run.opened.subject
    self.init(
      method: plan.method.rawValue, videoRatio: isFull ? 1 : settings.budget.video,
      audioRatio: subject.ofAudio(isFull ? 1 : settings.budget.audio),
      encoderVideoRatio: entering.video, encoderAudioRatio: subject.ofAudio(entering.audio),
      dropLayers: drops,
      lateLayer: Nullable(plan.removalLayer.map { $0 + 1 }), videoKeepRatios: keeps.map(\.video),
      audioKeepRatios: subject.ofAudio(keeps.map(\.audio)), gridsPerWindow: settings.windows.grids,
      audioWindowSeconds: settings.windows.audioSeconds,
      windowTemperature: settings.windowTemperature, encoderScale: settings.encoderScale,
      seed: settings.seed, retentionReached: run.retentionReached)
  }
}

extension ProfiledRun {
  /// Share of the prompt's video and audio tokens that were processed, averaged over the layers
  /// that have run; 1 if the prompt has none.
  public var retentionReached: Double {
    records.layers.map(\.entering).retention(of: opened.subject.prompt.counts)
  }
}

extension RunReport.Stage1 {
  init(_ run: ProfiledRun) {
    let record = run.records.dropFirst().first
    let everything = Array(run.opened.prompt.ids.indices)
    self.init(
      kept: record?.drop?.kept ?? everything,
      videoKept: record?.leaving.video ?? run.opened.subject.prompt.counts.video,
      audioKept: run.opened.subject.ofAudio(
        record?.leaving.audio ?? run.opened.subject.prompt.counts.audio),
      ms: record?.selectionMilliseconds ?? 0, merges: record?.drop?.statedMerges)
  }
}

extension DropRecord {
  /// Merged tokens for the report; nil if no token was merged.
  fileprivate var statedMerges: RunReport.Merges? {
    guard !merges.isEmpty else { return nil }
    return RunReport.Merges(
      tokens: merges.map(\.token), survivors: merges.map(\.survivor),
      weights: merges.map(\.weight))
  }
}

extension RunReport.Boundary {
  init?(_ record: StepRecord, _ subject: RunSubject) {
    guard case .layer(let layer) = record.step, let drop = record.drop else { return nil }
    self.init(
      afterLayer: layer, kind: drop.kind, path: drop.path ?? .noChoice, kept: drop.kept,
      video: record.leaving.video, audio: subject.ofAudio(record.leaving.audio),
      scores: drop.scores,
      windows: drop.windows, ms: record.selectionMilliseconds, merges: drop.statedMerges)
  }
}

extension RunReport.Layer {
  init?(_ record: StepRecord, _ run: ProfiledRun) {
    guard case .layer(let layer) = record.step else { return nil }
    let left = run.records.last?.leaving.total ?? 0
    self.init(
      layer: layer, text: record.entering.textAndImage, video: record.entering.video,
      audio: run.opened.subject.ofAudio(record.entering.audio), ms: record.milliseconds,
      attentionMs: record.attentionMilliseconds, feedForwardMs: record.feedForwardMilliseconds,
      kvBytes: left * run.opened.subject.model.decoder.keyValueBytesPerToken,
      referenceFlops: record.referenceFlops ?? 0,
      lens: run.lens[layer].map {
        .init($0, run.opened.subject, hasHeads: run.request.lens == .full)
      })
  }
}

extension RunReport.LayerLens {
  /// - Parameter hasHeads: whether the shares of every head are stated.
  init(_ record: LensRecord, _ subject: RunSubject, hasHeads: Bool) {
    func shares(_ shares: ModalityShares) -> Shares {
      Shares(
        text: shares.textAndImage, video: shares.video, audio: subject.ofAudio(shares.audio))
    }
    self.init(
      wouldSay: Nullable(
        record.prediction.map {
          Prediction(best: $0.best, entropy: $0.entropy, kl: Nullable($0.divergence))
        }),
      looksAt: Nullable(
        record.attention.map { attention in
          Attention(
            mean: shares(attention.mean), most: shares(attention.most),
            heads: hasHeads && !attention.heads.isEmpty ? attention.heads.map(shares) : nil)
        }), ms: record.milliseconds, flops: record.flops)
  }
}

extension RunReport.Lens {
  /// Nil if the lens is off.
  init?(_ run: ProfiledRun) {
    guard let choice = run.lens.choice, choice != .off else { return nil }
    let cost = run.lens.cost
    self.init(
      choice: choice, ms: cost.milliseconds, flops: cost.flops,
      answerLayer: Nullable(
        run.lens.answerLayer(layers: run.opened.subject.model.decoder.layers)),
      notes: run.lens.notes)
  }
}

extension RunReport.Flops {
  init(_ run: ProfiledRun) {
    let cost = ReferenceCost(run.opened.subject.model.decoder)
    let full = cost.full(tokens: run.opened.subject.prompt.counts.total)
    let selected = run.records.reduce(0) { $0 + ($1.referenceFlops ?? 0) }
    self.init(
      referenceFull: full, referenceSelected: selected,
      reduction: selected > 0 ? full / selected : 1,
      executed: run.records.reduce(0) { $0 + ($1.executedFlops ?? 0) })
  }
}

extension RunReport.Timing {
  init(_ run: ProfiledRun) {
    let layers = run.records.layers
    let stage1 = run.records.dropFirst().first?.selectionMilliseconds ?? 0
    self.init(
      mediaMs: run.opened.mediaSeconds * 1000,
      visionEncoderMs: (run.encoderSeconds?.vision ?? 0) * 1000,
      audioEncoderMs: run.opened.subject.ofAudio((run.encoderSeconds?.audio ?? 0) * 1000),
      stage1Ms: stage1,
      prefillMs: layers.reduce(0) { $0 + $1.milliseconds },
      selectionMs: stage1 + layers.reduce(0) { $0 + $1.selectionMilliseconds },
      visionEncoderSource: Self.source(run.records.first?.visionSource),
      audioEncoderSource: Self.source(run.records.first?.audioSource),
      headMs: run.records.first { $0.step == .head }?.milliseconds ?? 0,
      decodeMsPerToken: Nullable(run.answer?.millisecondsPerToken))
  }
}

extension RunReport.Timing {
  /// Source of encoder outputs for the report; nil if they were computed.
  private static func source(_ source: EncoderSource?) -> String? {
    source.flatMap { $0 == .computed ? nil : $0.rawValue }
  }
}

extension RunReport.Answer {
  init(_ answer: AnswerRecord?) {
    self.init(
      text: answer?.text ?? "", tokenIds: answer?.tokenIDs ?? [],
      topLogits: (answer?.topLogits ?? []).map { .init(id: $0.id, logit: $0.logit) })
  }
}

extension RunReport.Full {
  init(_ full: FullRunRecord, _ answer: AnswerRecord?) {
    self.init(
      answer: .init(full.answer),
      timing: .init(
        prefillMs: full.layerMilliseconds.reduce(0, +),
        headMs: full.prefillMilliseconds - full.layerMilliseconds.reduce(0, +),
        decodeMsPerToken: Nullable(full.answer.millisecondsPerToken)),
      kvBytes: full.keyValueBytes ?? 0, executedFlops: full.executedFlops ?? 0,
      sameAnswer: answer?.tokenIDs == full.answer.tokenIDs)
  }
}

extension RunSubject {
  /// The value, or null for a model without audio.
  fileprivate func ofAudio<Value>(_ value: Value) -> Nullable<Value> {
    Nullable(model.family.takesAudio ? value : nil)
  }
}
