import Runs
import Selection
import Sessions

extension TraceStepName {
  init(_ step: PrefillStep) {
    switch step {
    case .encoders: self.init(step: "encoders")
    case .stage1: self.init(step: "stage1")
    case .layer(let layer): self.init(step: "layer", layer: layer)
    case .head: self.init(step: "head")
    }
  }
}

extension TraceStep {
  init(_ record: StepRecord) {
    let name = TraceStepName(record.step)
    self.init(
      step: name.step, layer: name.layer, entering: Counts(record.entering),
      leaving: Counts(record.leaving), ms: record.milliseconds,
      selection_ms: record.drop == nil && record.selectionMilliseconds == 0
        ? nil : record.selectionMilliseconds,
      attention_ms: record.attentionMilliseconds > 0 ? record.attentionMilliseconds : nil,
      feed_forward_ms: record.feedForwardMilliseconds > 0 ? record.feedForwardMilliseconds : nil,
      vision_ms: record.visionMilliseconds > 0 ? record.visionMilliseconds : nil,
      audio_ms: record.audioMilliseconds > 0 ? record.audioMilliseconds : nil,
      vision_source: record.visionSource.wire, audio_source: record.audioSource.wire,
      kv_bytes: record.keyValueBytes, rss_bytes: record.residentBytes,
      reference_flops: record.referenceFlops,
      executed_flops: record.executedFlops,
      feed_forward_flops: record.feedForwardFlops > 0 ? record.feedForwardFlops : nil,
      selection_flops: record.selectionFlops > 0 ? record.selectionFlops : nil,
      drop: record.drop.map(Drop.init))
  }
}

extension EncoderSource {
  /// Source of encoder outputs in a trace; left out if they were computed.
  fileprivate var wire: String? { self == .computed ? nil : rawValue }
}

extension TraceStep.Counts {
  init(_ counts: ModalityCounts) {
    self.init(
      text: counts.text, image: counts.image > 0 ? counts.image : nil, video: counts.video,
      audio: counts.audio)
  }
}

extension TraceStep.Drop {
  init(_ drop: DropRecord) {
    self.init(
      kind: drop.kind.rawValue, path: drop.path?.rawValue, kept: drop.kept,
      scores: drop.scores.isEmpty ? nil : drop.scores,
      windows: drop.windows.isEmpty ? nil : drop.windows.map(TraceStep.Window.init))
    if !drop.notes.isEmpty { notes = drop.notes }
    guard !drop.merges.isEmpty else { return }
    merged = drop.merges.map(\.token)
    merged_into = drop.merges.map(\.survivor)
    merge_weights = drop.merges.map(\.weight)
  }
}

extension TraceStep.Window {
  init(_ window: WindowRecord) {
    self.init(
      video_weight: window.videoWeight, audio_weight: window.audioWeight,
      video_relevance: window.videoRelevance, audio_relevance: window.audioRelevance,
      budget: window.budget, video_budget: window.videoBudget, audio_budget: window.audioBudget,
      video_tokens: window.videoTokens, audio_tokens: window.audioTokens)
  }
}

extension TraceAnswer {
  init(_ answer: AnswerRecord) {
    self.init(
      text: answer.text, token_ids: answer.tokenIDs,
      top_logits: answer.topLogits.map(Candidate.init), ms_per_token: answer.millisecondsPerToken,
      complete: answer.isComplete)
  }
}

extension TraceAnswer.Candidate {
  init(_ candidate: AnswerRecord.Candidate) {
    self.init(id: candidate.id, text: candidate.text, logit: candidate.logit)
  }
}

extension TraceFull {
  init(_ full: FullRunRecord) {
    self.init(
      answer: TraceAnswer(full.answer), prefill_ms: full.prefillMilliseconds,
      layer_ms: full.layerMilliseconds,
      attention_ms: full.attentionMilliseconds.isEmpty ? nil : full.attentionMilliseconds,
      feed_forward_ms: full.feedForwardMilliseconds.isEmpty ? nil : full.feedForwardMilliseconds,
      kv_bytes: full.keyValueBytes,
      executed_flops: full.executedFlops)
    if !full.lens.isEmpty { lens = full.lens.map(TraceLens.Layer.init) }
  }
}
