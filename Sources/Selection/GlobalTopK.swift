/// Selects the most relevant tokens of each modality over the whole sequence (top-k).
public struct GlobalTopK: Sendable {
  /// Share of the video tokens to keep; nil keeps all.
  public let video: Double?
  public let audio: Double?

  public init(video: Double?, audio: Double?) {
    self.video = video
    self.audio = audio
  }

  /// Offsets of the kept tokens, ascending, including text; the first wins ties.
  public func select(_ modalities: [Modality], scores: [Float]) -> [Int] {
    let text = modalities.indices.filter { !modalities[$0].isDroppable }
    let kept = [(Modality.video, video), (.audio, audio)].flatMap { modality, ratio in
      let candidates = offsets(of: modality, in: modalities)
      guard let ratio else { return candidates }
      return topScoring(keepCount(ratio, of: candidates.count), of: candidates, by: scores)
    }
    return (text + kept).sorted()
  }

  private func offsets(of modality: Modality, in modalities: [Modality]) -> [Int] {
    modalities.indices.filter { modalities[$0] == modality }
  }
}
