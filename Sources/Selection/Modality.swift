/// What a token of the thinker's prompt came from.
///
/// Image tokens count as text: no selection method here ever drops them.
public enum Modality: String, Sendable, Equatable, Codable, CaseIterable {
  case text, video, audio
}

/// How many tokens of each modality a sequence holds.
public struct ModalityCounts: Sendable, Equatable, Codable {
  public var text: Int
  public var video: Int
  public var audio: Int

  public init(text: Int = 0, video: Int = 0, audio: Int = 0) {
    self.text = text
    self.video = video
    self.audio = audio
  }

  /// Counts the modalities of a sequence.
  public init(_ modalities: some Sequence<Modality>) {
    self.init()
    for modality in modalities { self[modality] += 1 }
  }

  public var total: Int { text + video + audio }

  /// The count of one modality.
  public subscript(modality: Modality) -> Int {
    get {
      switch modality {
      case .text: text
      case .video: video
      case .audio: audio
      }
    }
    set {
      switch modality {
      case .text: text = newValue
      case .video: video = newValue
      case .audio: audio = newValue
      }
    }
  }
}
