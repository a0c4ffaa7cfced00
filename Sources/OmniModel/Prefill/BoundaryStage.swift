import Selection
import Tensors

/// The decision after a decoder layer: relevance through that layer, then the plan's rule.
struct BoundaryStage {
  let block: DecoderLayer
  /// Rows of the tokens below.
  let rotary: RotaryTable
  /// Positions in the prompt of the tokens that are there.
  let positions: [Int]
  let modalities: [Modality]

  /// - Parameter hidden: the layer's output, [positions, hiddenSize].
  func choose(_ rule: BoundaryRule, hidden: Tensor) -> DropRecord {
    switch rule {
    case .remove(let video, let audio):
      let gone: Set<Modality> = Set((video ? [.video] : []) + (audio ? [.audio] : []))
      let left = positions.indices.filter { !gone.contains(modalities[$0]) }
      return record(.remove, path: .noChoice, keptRows: left, scores: [], windows: [])
    case .windows(let video, let audio, let temperature):
      let scores = relevance(hidden)
      let outcome = TopDownBudget(videoKeep: video, audioKeep: audio, temperature: temperature)
        .select(modalities, scores: scores)
      return record(
        .prune, path: outcome.path, keptRows: outcome.kept, scores: scores,
        windows: outcome.windows)
    case .global(let video, let audio, let randomAudio):
      let scores = relevance(hidden)
      var kept = GlobalTopK(video: video, audio: audio).select(modalities, scores: scores)
      if let randomAudio { kept = thin(kept, randomAudio) }
      return record(.prune, path: .global, keptRows: kept, scores: scores, windows: [])
    }
  }

  /// Attention of the last text token over the sequence.
  private func relevance(_ hidden: Tensor) -> [Float] {
    guard let query = modalities.lastIndex(of: .text) else {
      return [Float](repeating: 0, count: positions.count)
    }
    return block.relevance(hidden, rotary, query: query)
  }

  private func thin(_ kept: [Int], _ share: RandomShare) -> [Int] {
    let audio = kept.filter { modalities[$0] == .audio }
    let chosen = Set(RandomSelection(share).select(from: audio))
    return kept.filter { modalities[$0] != .audio || chosen.contains($0) }
  }

  private func record(
    _ kind: DropRecord.Kind, path: DropRecord.Path, keptRows: [Int], scores: [Float],
    windows: [WindowRecord]
  ) -> DropRecord {
    DropRecord(
      kind: kind, path: path, before: positions, kept: keptRows.map { positions[$0] },
      scores: scores, windows: windows)
  }
}
