/// What a token of the thinker's prompt came from.
public enum Modality: String, Sendable, Equatable, Codable, CaseIterable {
  case text, image, video, audio

  /// Tokens of it may be dropped by the methods here: those of text and of still images never are.
  public var isDroppable: Bool { self == .video || self == .audio }
}

/// How many tokens of each modality a sequence holds.
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

  /// Counts the modalities of a sequence.
  public init(_ modalities: some Sequence<Modality>) {
    self.init()
    for modality in modalities { self[modality] += 1 }
  }

  public var total: Int { text + image + video + audio }

  /// Tokens that no method here drops: text, and images, which budgets count as text.
  public var textAndImage: Int { text + image }

  /// The same with as many video and audio tokens as given.
  public func with(video: Int, audio: Int) -> ModalityCounts {
    ModalityCounts(text: text, image: image, video: video, audio: audio)
  }

  /// The count of one modality.
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

/// `text` holds images too in files, and `image` says how many of them they are, where there are any.
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
