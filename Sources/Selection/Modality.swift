/// The modality of a prompt token.
public enum Modality: String, Sendable, Equatable, Codable, CaseIterable {
  case text, image, video, audio

  /// Whether selection methods may drop tokens of this modality: true for video and audio, false
  /// for text and images.
  public var isDroppable: Bool { self == .video || self == .audio }
}

/// Token counts per modality.
public struct ModalityCounts: Sendable, Equatable {
  public var text: Int
  public var image: Int
  public var video: Int
  public var audio: Int

  public init(text: Int = 0, image: Int = 0, video: Int = 0, audio: Int = 0) {
    self.text = text
    self.image = image
    self.video = video
    self.audio = audio
  }

  /// Counts the modalities in a sequence of tokens.
  public init(_ modalities: some Sequence<Modality>) {
    self.init()
    for modality in modalities { self[modality] += 1 }
  }

  public var total: Int { text + image + video + audio }

  /// Number of tokens that are never dropped: text and images.
  public var textAndImage: Int { text + image }

  /// A copy with different counts of video and audio tokens.
  public func with(video: Int, audio: Int) -> ModalityCounts {
    ModalityCounts(text: text, image: image, video: video, audio: audio)
  }

  /// The token count of one modality.
  public subscript(modality: Modality) -> Int {
    get {
      switch modality {
      case .text: text
      case .image: image
      case .video: video
      case .audio: audio
      }
    }
    set {
      switch modality {
      case .text: text = newValue
      case .image: image = newValue
      case .video: video = newValue
      case .audio: audio = newValue
      }
    }
  }
}

extension Collection<ModalityCounts> {
  /// Retention ratio: the sum of video and audio tokens over several layers, divided by that of the
  /// prompt; 1 if the prompt has none.
  public func retention(of prompt: ModalityCounts) -> Double {
    let whole = (prompt.video + prompt.audio) * count
    return whole > 0 ? Double(reduce(0) { $0 + $1.video + $1.audio }) / Double(whole) : 1
  }
}

/// In JSON, `text` includes images, and `image` is present only if there are image tokens.
extension ModalityCounts: Codable {
  private enum CodingKeys: CodingKey { case text, image, video, audio }

  public init(from decoder: any Decoder) throws {
    let keys = try decoder.container(keyedBy: CodingKeys.self)
    let image = try keys.decodeIfPresent(Int.self, forKey: .image) ?? 0
    self.init(
      text: try keys.decode(Int.self, forKey: .text) - image, image: image,
      video: try keys.decode(Int.self, forKey: .video),
      audio: try keys.decode(Int.self, forKey: .audio))
  }

  public func encode(to encoder: any Encoder) throws {
    var keys = encoder.container(keyedBy: CodingKeys.self)
    try keys.encode(textAndImage, forKey: .text)
    if image > 0 { try keys.encode(image, forKey: .image) }
    try keys.encode(video, forKey: .video)
    try keys.encode(audio, forKey: .audio)
  }
}
