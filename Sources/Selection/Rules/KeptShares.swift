/// Keep ratios of a rule. A modality without a ratio is kept completely.
public struct KeptShares: Sendable, Equatable {
  public var video, audio: Double?
  /// A random share of audio to keep, used instead of `audio`.
  public var randomAudio: RandomShare?

  public init(video: Double? = nil, audio: Double? = nil, randomAudio: RandomShare? = nil) {
    self.video = video
    self.audio = audio
    self.randomAudio = randomAudio
  }

  public init(_ budget: RetentionBudget) {
    self.init(video: budget.video, audio: budget.audio)
  }

  public var ratios: RetentionBudget {
    RetentionBudget(video: video ?? 1, audio: audio ?? randomAudio?.ratio ?? 1)
  }

  var randomModalities: Set<Modality> { randomAudio == nil ? [] : [.audio] }

  subscript(modality: Modality) -> Double? { modality == .video ? video : audio }

  /// The tokens of a modality that are kept at random; nil if the modality is not selected at
  /// random.
  func drawn(from part: EncoderInputs.Part) -> [Int]? {
    guard part.modality == .audio, let randomAudio else { return nil }
    return RandomSelection(randomAudio).select(from: part.positions)
  }
}

extension KeptShares: Codable {
  private enum CodingKeys: String, CodingKey {
    case video, audio
    case randomAudio = "random_audio"
    case audioSeed = "audio_seed"
  }

  public init(from decoder: any Decoder) throws {
    let keys = try decoder.container(keyedBy: CodingKeys.self)
    video = try keys.number(.video, in: RuleFault.shares)
    audio = try keys.number(.audio, in: RuleFault.shares)
    let seed = try keys.decodeIfPresent(UInt64.self, forKey: .audioSeed)
    randomAudio = try keys.number(.randomAudio, in: RuleFault.shares).map {
      RandomShare(ratio: $0, seed: seed ?? 0)
    }
  }

  public func encode(to encoder: any Encoder) throws {
    var keys = encoder.container(keyedBy: CodingKeys.self)
    try keys.encodeIfPresent(video, forKey: .video)
    try keys.encodeIfPresent(audio, forKey: .audio)
    try keys.encodeIfPresent(randomAudio?.ratio, forKey: .randomAudio)
    try keys.encodeIfPresent(randomAudio?.seed, forKey: .audioSeed)
  }
}
