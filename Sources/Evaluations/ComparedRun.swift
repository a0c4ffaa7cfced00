import Runs
import Selection

/// Token counts, times and memory of a run, to compare with other runs of the same prompt.
public struct ComparedRun: Sendable, Equatable {
  public let settings: SelectionSettings
  public let plan: SelectionPlan
  /// Tokens that each layer processed; element l − 1 belongs to layer l. Shorter than the model if
  /// the run stopped early.
  public let tokensPerLayer: [ModalityCounts]
  /// Time of the whole prefill after the encoders (Stage I, layers, selections, head), and of the
  /// selections alone.
  public let prefillMilliseconds, selectionMilliseconds: Double
  /// Bytes of the KV cache over all layers that have run; nil if unknown.
  public let keyValueBytes: Int?
  public let referenceFlops, executedFlops: Double?
  /// Share of the video and audio tokens that were processed, averaged over the layers that have
  /// run.
  public let retentionReached: Double
  /// Prompt positions of the tokens that entered layer 1.
  public let entered: Set<Int>
  /// Prompt positions of the tokens left after the last drop, before late removal.
  public let chosen: Set<Int>
  public let answer: AnswerRecord?

  public init(
    settings: SelectionSettings, plan: SelectionPlan, prompt: PromptSummary,
    records: some Collection<StepRecord>, answer: AnswerRecord?
  ) {
    self.settings = settings
    self.plan = plan
    tokensPerLayer = records.layers.map(\.entering)
    let steps = records.dropFirst()
    prefillMilliseconds = steps.reduce(0) { $0 + $1.totalMilliseconds }
    selectionMilliseconds = steps.reduce(0) { $0 + $1.selectionMilliseconds }
    keyValueBytes = records.compactMap(\.keyValueBytes).max()
    referenceFlops = records.knownSum(\.referenceFlops)
    executedFlops = steps.knownSum(\.executedFlops)
    retentionReached = tokensPerLayer.retention(of: prompt.counts)
    let everything = Array(prompt.modalities.indices)
    let drops = records.compactMap(\.drop)
    entered = Set(drops.first { $0.kind == .stage1 }?.kept ?? everything)
    chosen = Set(drops.last { $0.kind != .remove }?.kept ?? everything)
    self.answer = answer
  }
}

extension ComparedRun {
  /// The full-token run of a subject.
  /// - Parameter settings: settings of the run it is compared with.
  public init(_ full: FullRunRecord, settings: SelectionSettings, of subject: RunSubject) {
    self.settings = SweepPoint.full(settings).settings
    plan = .full
    let decoder = subject.model.decoder
    let counts = subject.prompt.counts
    tokensPerLayer = Array(repeating: counts, count: decoder.layers)
    (prefillMilliseconds, selectionMilliseconds) = (full.prefillMilliseconds, 0)
    keyValueBytes = full.keyValueBytes
    referenceFlops = ReferenceCost(decoder).full(tokens: counts.total)
    executedFlops = full.executedFlops
    retentionReached = 1
    entered = Set(subject.prompt.modalities.indices)
    chosen = entered
    answer = full.answer
  }
}

/// Overlap of the tokens kept by two runs, per modality: |A ∩ B| / |A ∪ B|.
public struct SurvivorOverlap: Sendable, Equatable, Encodable {
  /// Overlap of the video and of the audio tokens; nil if neither run keeps any.
  public let video, audio: Double?

  public init(_ left: Set<Int>, _ right: Set<Int>, _ modalities: [Modality]) {
    func jaccard(_ modality: Modality) -> Double? {
      let own = left.filter { modalities[$0] == modality }
      let other = right.filter { modalities[$0] == modality }
      let union = own.union(other).count
      return union > 0 ? Double(own.intersection(other).count) / Double(union) : nil
    }
    (video, audio) = (jaccard(.video), jaccard(.audio))
  }
}
