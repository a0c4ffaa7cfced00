/// A value of a modality's encoded tokens that an encoder rule reads.
public enum EncoderNeed: Sendable, Equatable {
  case features
  case keyMeans
  case attention(SelectionWindows)
  /// Distances in windows of the rule's length in tokens.
  case distances(SelectionWindows)
}

/// The part of a layer's output that a boundary rule reads.
public enum BoundaryNeed: Sendable, Equatable {
  case nothing
  /// Attention of the last text token.
  case relevance
  /// Mean attention of all text tokens after the last video or audio token.
  case questionRelevance
  /// The hidden states of all tokens.
  case hidden
}

extension KeptShares {
  /// `needs` for a modality that is selected by its values: not kept completely, nor at random.
  func needs(_ modality: Modality, _ needs: [EncoderNeed]) -> [EncoderNeed] {
    self[modality].map { $0 < 1 } ?? false ? rated(modality, needs) : []
  }

  /// `needs` for a modality that has a ratio, 1 included.
  func rated(_ modality: Modality, _ needs: [EncoderNeed]) -> [EncoderNeed] {
    let isRandom = modality == .audio && randomAudio != nil
    return modality.isDroppable && self[modality] != nil && !isRandom ? needs : []
  }
}
