import Foundation

/// SEATS Stage II: the token budget is distributed over temporal windows, then over modalities, and
/// then spent on the most relevant tokens. Weights and budgets are computed in single precision and
/// rounded half to even, as in the reference; other precisions would select different tokens.
public struct TopDownBudget: Sendable {
  public let videoKeep: Double
  public let audioKeep: Double
  /// Temperature τ of the softmax over temporal windows.
  public let temperature: Float

  public init(videoKeep: Double, audioKeep: Double, temperature: Float) {
    self.videoKeep = videoKeep
    self.audioKeep = audioKeep
    self.temperature = temperature
  }

  /// The selected tokens, with weights and budgets of each window.
  public struct Outcome: Sendable, Equatable {
    /// Offsets of the kept tokens, ascending, including text.
    public let kept: [Int]
    public let path: DropRecord.Path
    public let windows: [WindowRecord]
  }

  /// Selects video and audio tokens of a sequence; all text is kept.
  /// - Parameters:
  ///   - modalities: modality of each token in sequence order, [tokens].
  ///   - scores: relevance of each token, [tokens].
  ///   - clips: index of each token's clip, [tokens]; empty if there is one clip.
  public func select(
    _ modalities: [Modality], scores: [Float], clips: [Int?] = []
  ) -> Outcome {
    precondition(modalities.count == scores.count, "\(modalities.count) against \(scores.count)")
    let counts = ModalityCounts(modalities)
    let windows = TemporalWindows(modalities, clips: clips).windows
    guard windows.count >= 2, counts.video > 0, counts.audio > 0 else {
      let global = GlobalTopK(video: videoKeep, audio: audioKeep).select(modalities, scores: scores)
      let isEmpty = counts.video + counts.audio == 0
      return Outcome(kept: global, path: isEmpty ? .noChoice : .global, windows: [])
    }
    let records = share(windows, scores, counts)
    var keep = modalities.map { !$0.isDroppable }
    for (window, record) in zip(windows, records) {
      let video = topScoring(record.videoBudget, of: Array(window.video), by: scores)
      let audio = topScoring(record.audioBudget, of: Array(window.audio), by: scores)
      for offset in video + audio { keep[offset] = true }
    }
    return Outcome(kept: keep.indices.filter { keep[$0] }, path: .windows, windows: records)
  }
}

extension TopDownBudget {
  /// Computes the budget of each window, then splits it between video and audio.
  private func share(
    _ windows: [TemporalWindows.Window], _ scores: [Float], _ counts: ModalityCounts
  ) -> [WindowRecord] {
    let totals = (
      video: keepCount(videoKeep, of: counts.video), audio: keepCount(audioKeep, of: counts.audio)
    )
    let videoMeans = windows.map { Self.mean(scores[$0.video]) }
    let audioMeans = windows.map { Self.mean(scores[$0.audio]) }
    let videoWeights = softmax(videoMeans)
    let audioWeights = softmax(audioMeans)
    let sizes = windows.map { $0.video.count + $0.audio.count }
    let total = totals.video + totals.audio
    let raw = zip(videoWeights, audioWeights).map { ($0 + $1) / 2 * Float(total) }
    let budgets = Self.corrected(raw, sizes: sizes, total: total)
    return windows.indices.map { index in
      let split = Self.split(
        budgets[index], windows[index], videoWeights[index] * Float(totals.video),
        audioWeights[index] * Float(totals.audio))
      return WindowRecord(
        videoWeight: videoWeights[index], audioWeight: audioWeights[index],
        videoRelevance: videoMeans[index], audioRelevance: audioMeans[index],
        budget: budgets[index], videoBudget: split.video, audioBudget: split.audio,
        videoTokens: windows[index].video.count, audioTokens: windows[index].audio.count)
    }
  }

  private static func mean(_ scores: ArraySlice<Float>) -> Float {
    guard !scores.isEmpty else { return 0 }
    return Float(scores.reduce(0.0) { $0 + Double($1) } / Double(scores.count))
  }

  private func softmax(_ means: [Float]) -> [Float] {
    let logits = means.map { $0 / temperature }
    let peak = logits.max() ?? 0
    let exponentials = logits.map { exp($0 - peak) }
    let sum = exponentials.reduce(0, +)
    return exponentials.map { $0 / sum }
  }

  /// Window budgets: shares rounded to 1…size, then corrected to the sum `total` one token at a
  /// time. Excess is taken from the largest budget above 1; missing tokens are added to the
  /// smallest budget below its size. The first window wins ties.
  static func corrected(_ raw: [Float], sizes: [Int], total: Int) -> [Int] {
    var budgets = zip(raw, sizes).map { share, size in
      min(max(1, wholeCount(share)), size)
    }
    var excess = budgets.reduce(0, +) - total
    while excess > 0, let from = firstMax(budgets, where: { $0 > 1 }) {
      budgets[from] -= 1
      excess -= 1
    }
    while excess < 0, let to = firstMin(budgets, sizes) {
      budgets[to] += 1
      excess += 1
    }
    return budgets
  }

  private static func firstMax(_ budgets: [Int], where isEligible: (Int) -> Bool) -> Int? {
    var best: Int?
    for index in budgets.indices where isEligible(budgets[index]) {
      if let current = best, budgets[index] <= budgets[current] { continue }
      best = index
    }
    return best
  }

  private static func firstMin(_ budgets: [Int], _ sizes: [Int]) -> Int? {
    var best: Int?
    for index in budgets.indices where budgets[index] < sizes[index] {
      if let current = best, budgets[index] >= budgets[current] { continue }
      best = index
    }
    return best
  }

  /// Splits a window's budget between video and audio in proportion to their pulls. What exceeds
  /// the tokens of one modality goes to the other, and each modality with tokens keeps at least
  /// one.
  private static func split(
    _ budget: Int, _ window: TemporalWindows.Window, _ videoPull: Float, _ audioPull: Float
  ) -> (video: Int, audio: Int) {
    let sizes = (video: window.video.count, audio: window.audio.count)
    let fraction = videoPull / (videoPull + audioPull + 1e-12)
    let wanted = wholeCount(Float(budget) * fraction)
    var video = min(wanted, sizes.video)
    var audio = min(budget - video, sizes.audio)
    video += min(budget - video - audio, sizes.video - video)
    if sizes.video > 0, video == 0 { (video, audio) = (1, audio > 1 ? audio - 1 : audio) }
    if sizes.audio > 0, audio == 0 { (video, audio) = (video > 1 ? video - 1 : video, 1) }
    return (video, audio)
  }
}
