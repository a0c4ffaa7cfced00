import Selection

/// The prompt as a prefill needs it; the engine has the rest.
public struct PrefillPrompt: Sendable {
  /// Of every token, in order.
  public let modalities: [Modality]
  /// The clip of each token, nil for text; empty where there is one clip at most.
  public let clipOfToken: [Int?]
  /// The video tokens of each clip; nil for a clip without video.
  public let grids: [TokenGrid?]

  public init(modalities: [Modality], clipOfToken: [Int?] = [], grids: [TokenGrid?]) {
    self.modalities = modalities
    self.clipOfToken = clipOfToken
    self.grids = grids
  }

  init(_ prompt: Prompt) {
    self.init(
      modalities: prompt.modalities, clipOfToken: prompt.clipOfToken,
      grids: prompt.clips.map(\.videoGrid))
  }

  /// The modality of every token, those of other clips as text: one list per clip, at least one.
  var modalitiesOfClips: [[Modality]] {
    guard grids.count > 1 else { return [modalities] }
    return grids.indices.map { clip in
      zip(modalities, clipOfToken).map { $1 == clip ? $0 : .text }
    }
  }

  func counts(_ positions: [Int]) -> ModalityCounts {
    ModalityCounts(positions.lazy.map { modalities[$0] })
  }
}
