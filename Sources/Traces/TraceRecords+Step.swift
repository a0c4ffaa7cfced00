import OmniModel
import Runs
import Selection
import Sessions

extension PrefillStep {
  /// Validates the name of a step. A layer number without a name means that layer.
  init(_ name: TraceStepName, layers: Int) throws(TraceProblem) {
    switch name.step {
    case "encoders"?: self = .encoders
    case "stage1"?: self = .stage1
    case "head"?: self = .head
    case "layer"?, nil:
      guard let layer = name.layer else { throw TraceProblem(.missingKey("layer")) }
      self = .layer(try TraceCheck.count(layer, "layer", in: 1...layers))
    case let other?: throw TraceCheck.bad("step", other, "encoders, stage1, layer, head")
    }
  }
}

extension DropRecord.Kind: CaseIterable {
  public static let allCases: [DropRecord.Kind] = [.stage1, .prune, .remove]
}

extension DropRecord.Path: CaseIterable {
  public static let allCases: [DropRecord.Path] = [.windows, .global, .noChoice]
}

extension DropRecord {
  /// Validates a drop.
  /// - Parameter before: positions before the drop; nil if unknown.
  init(
    _ drop: TraceStep.Drop, before: [Int]?, prompt: PromptSummary
  ) throws(TraceProblem) {
    let before = before ?? Array(prompt.modalities.indices)
    try Self.check(drop.kept, before: before, count: prompt.modalities.count)
    let scores = drop.scores ?? []
    guard scores.isEmpty || scores.count == before.count else {
      let expected = "\(before.count), one per token before the drop"
      throw TraceCheck.bad("drop.scores", "\(scores.count) values", expected)
    }
    if let odd = scores.first(where: { !$0.isFinite }) {
      throw TraceCheck.bad("drop.scores", "\(odd)", "finite numbers")
    }
    guard (drop.windows?.count ?? 0) <= prompt.modalities.count else {
      throw TraceCheck.bad("drop.windows", "\(drop.windows?.count ?? 0)", "one per window")
    }
    var windows: [WindowRecord] = []
    for window in drop.windows ?? [] {
      windows.append(try WindowRecord(window, most: prompt.modalities.count))
    }
    self.init(
      kind: try TraceCheck.known(drop.kind, "drop.kind", as: Kind.self),
      path: try drop.path.map { path throws(TraceProblem) in
        try TraceCheck.known(path, "drop.path", as: Path.self)
      },
      before: before, kept: drop.kept, scores: scores, windows: windows,
      merges: try Self.merges(drop, before: before), notes: drop.notes ?? [])
  }

  /// Validates merges from dropped tokens to kept tokens.
  private static func merges(
    _ drop: TraceStep.Drop, before: [Int]
  ) throws(TraceProblem) -> [TokenMerge] {
    guard let tokens = drop.merged, !tokens.isEmpty else { return [] }
    let survivors = try TraceCheck.column(
      drop.merged_into ?? [], "drop.merged_into", count: tokens.count)
    let weights = try TraceCheck.column(
      drop.merge_weights ?? Array(repeating: 1, count: tokens.count), "drop.merge_weights",
      count: tokens.count)
    let (present, kept) = (Set(before), Set(drop.kept))
    if let odd = tokens.first(where: { !present.contains($0) || kept.contains($0) }) {
      throw TraceCheck.bad("drop.merged", "\(odd)", "positions dropped in this step")
    }
    if let odd = survivors.first(where: { !kept.contains($0) }) {
      throw TraceCheck.bad("drop.merged_into", "\(odd)", "positions kept in this step")
    }
    if let odd = weights.first(where: { !$0.isFinite }) {
      throw TraceCheck.bad("drop.merge_weights", "\(odd)", "finite numbers")
    }
    return tokens.indices.map {
      TokenMerge(token: tokens[$0], survivor: survivors[$0], weight: weights[$0])
    }
  }

  /// Checks that kept positions are ascending and were present before the drop; throws otherwise.
  private static func check(
    _ kept: [Int], before: [Int], count: Int
  ) throws(TraceProblem) {
    var next = 0
    var last = -1
    for position in kept {
      guard 0..<count ~= position else {
        throw TraceCheck.bad("drop.kept", "\(position)", "positions from 0 to \(count - 1)")
      }
      guard position > last else {
        throw TraceCheck.bad("drop.kept", "\(position) after \(last)", "ascending positions")
      }
      while next < before.count, before[next] < position { next += 1 }
      guard next < before.count, before[next] == position else {
        throw TraceCheck.bad("drop.kept", "\(position)", "positions present before the step")
      }
      last = position
    }
  }
}

extension WindowRecord {
  init(_ window: TraceStep.Window, most: Int) throws(TraceProblem) {
    func number(_ value: Float?, _ key: String) throws(TraceProblem) -> Float {
      let value = value ?? 0
      guard value.isFinite else {
        throw TraceCheck.bad("drop.windows.\(key)", "\(value)", "a finite number")
      }
      return value
    }
    func count(_ value: Int?, _ key: String) throws(TraceProblem) -> Int {
      try TraceCheck.count(value, "drop.windows.\(key)", in: 0...2 * most)
    }
    self.init(
      videoWeight: try number(window.video_weight, "video_weight"),
      audioWeight: try number(window.audio_weight, "audio_weight"),
      videoRelevance: try number(window.video_relevance, "video_relevance"),
      audioRelevance: try number(window.audio_relevance, "audio_relevance"),
      budget: try count(window.budget, "budget"),
      videoBudget: try count(window.video_budget, "video_budget"),
      audioBudget: try count(window.audio_budget, "audio_budget"),
      videoTokens: try count(window.video_tokens, "video_tokens"),
      audioTokens: try count(window.audio_tokens, "audio_tokens"))
  }
}

extension AnswerRecord {
  init(_ answer: TraceAnswer) throws(TraceProblem) {
    let ids = answer.token_ids ?? []
    try TraceCheck.answer(tokens: ids.count, bytes: answer.text.utf8.count)
    self.init(
      text: answer.text, tokenIDs: ids,
      topLogits: (answer.top_logits ?? []).prefix(100).map(Candidate.init),
      millisecondsPerToken: try answer.ms_per_token.map { ms throws(TraceProblem) in
        try TraceCheck.number(ms, "ms_per_token")
      }, isComplete: answer.complete ?? true)
  }
}

extension AnswerRecord.Candidate {
  init(_ candidate: TraceAnswer.Candidate) {
    self.init(id: candidate.id, text: candidate.text ?? "", logit: candidate.logit)
  }
}

extension FullRunRecord {
  init(_ full: TraceFull, layers: Int) throws(TraceProblem) {
    func perLayer(_ times: [Double]?, _ key: String) throws(TraceProblem) -> [Double] {
      let times = times ?? []
      guard times.isEmpty || times.count == layers else {
        throw TraceCheck.bad(key, "\(times.count) values", "\(layers), one per layer")
      }
      for time in times { _ = try TraceCheck.number(time, key) }
      return times
    }
    self.init(
      answer: try AnswerRecord(full.answer ?? TraceAnswer(text: "")),
      prefillMilliseconds: try TraceCheck.number(full.prefill_ms, "prefill_ms"),
      layerMilliseconds: try perLayer(full.layer_ms, "layer_ms"),
      attentionMilliseconds: try perLayer(full.attention_ms, "attention_ms"),
      feedForwardMilliseconds: try perLayer(full.feed_forward_ms, "feed_forward_ms"),
      keyValueBytes: try TraceCheck.count(full.kv_bytes, "kv_bytes", in: 0...TraceLimits.memory),
      executedFlops: try TraceCheck.number(full.executed_flops, "executed_flops"))
    lens = try LensRecord.records(full.lens ?? [], "lens", layers: layers)
  }
}

extension RepeatRecord {
  init(_ record: TraceRepeat, layers: Int) throws(TraceProblem) {
    guard record.step_ms.count == layers + 2 else {
      let expected = "\(layers + 2): Stage I, each layer, the head"
      throw TraceCheck.bad("step_ms", "\(record.step_ms.count) values", expected)
    }
    for time in record.step_ms { _ = try TraceCheck.number(time, "step_ms") }
    self.init(isFull: record.full ?? false, stepMilliseconds: record.step_ms)
  }
}

extension MachinePeak {
  init(_ peak: TracePeak) throws(TraceProblem) {
    self.init(
      flopsPerSecond: try TraceCheck.number(peak.flops_per_second, "flops_per_second"),
      threads: try TraceCheck.count(peak.threads, "threads", in: 1...100_000, default: 1),
      precision: String((peak.precision ?? "").prefix(40)))
  }
}
