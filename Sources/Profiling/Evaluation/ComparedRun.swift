import Selection

/// Figures of a run for comparison with others of the same prompt.
public struct ComparedRun: Sendable, Equatable {
  public let settings: SelectionSettings
  public let plan: SelectionPlan
  /// Tokens each layer processed; element l − 1 belongs to layer l. Shorter if the run stopped.
  public let tokensPerLayer: [ModalityCounts]
  /// Time of Stage I, layers, selections and head, and of selections alone.
  public let prefillMilliseconds, selectionMilliseconds: Double
  /// Keys and values of all layers run.
  public let keyValueBytes: Int?
  public let referenceFlops, executedFlops: Double?
  /// Video and audio tokens processed, averaged over layers run.
  public let retentionReached: Double
  /// Positions in the prompt that entered layer 1.
  public let entered: Set<Int>
  /// Positions left after the last drop, before late removal.
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

/// Overlap of the survivors of two runs: |A ∩ B| / |A ∪ B| per modality.
public struct SurvivorOverlap: Sendable, Equatable, Encodable {
  /// Nil if neither keeps any.
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
