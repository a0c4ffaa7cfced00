import Selection

/// The parts of a prompt that a prefill needs; its media and token ids are known only to the
/// engine.
public struct PrefillPrompt: Sendable {
  /// Modality of every prompt token, in order.
  public let modalities: [Modality]
  /// Index of each token's clip, nil for text; empty for at most one clip.
  public let clipOfToken: [Int?]
  /// Shape of each clip's video tokens; nil for a clip without video.
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

  /// One list of token modalities per clip, at least one; tokens of other clips count as text.
  var modalitiesOfClips: [[Modality]] {
    guard grids.count > 1 else { return [modalities] }
    return grids.indices.map { clip in
      zip(modalities, clipOfToken).map { $1 == clip ? $0 : .text }
    }
  }

  /// The temporal window of every token, counted from 0; nil for text.
  var windowOfToken: [Int?] {
    var windows = [Int?](repeating: nil, count: modalities.count)
    let all = TemporalWindows(modalities, clips: clipOfToken).windows
    for (index, window) in all.enumerated() {
      for token in Array(window.video) + Array(window.audio) { windows[token] = index }
    }
    return windows
  }

  /// The first position after the last video and audio token.
  var questionStart: Int { (modalities.lastIndex(where: \.isDroppable) ?? -1) + 1 }

  func counts(_ positions: [Int]) -> ModalityCounts {
    ModalityCounts(positions.lazy.map { modalities[$0] })
  }
}
