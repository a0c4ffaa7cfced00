/// A rule that keeps a uniformly random share of each modality.
public struct RandomRule: EncoderRule {
  public static let name = "random"

  public let video, audio: RandomShare

  public init(video: RandomShare, audio: RandomShare) {
    self.video = video
    self.audio = audio
  }

  public var ratios: RetentionBudget { RetentionBudget(video: video.ratio, audio: audio.ratio) }
  public var randomModalities: Set<Modality> { [.video, .audio] }
  public var summary: String { "chosen at random" }

  public func select(_ inputs: EncoderInputs) -> RuleOutcome {
    inputs.outcome(
      RandomSelection(video).select(from: inputs.positions(of: .video))
        + RandomSelection(audio).select(from: inputs.positions(of: .audio)))
  }
}

extension RandomRule {
  private enum CodingKeys: String, CodingKey {
    case video, audio
    case videoSeed = "video_seed"
    case audioSeed = "audio_seed"
  }

  public init(from decoder: any Decoder) throws {
    let keys = try decoder.container(keyedBy: CodingKeys.self)
    func share(_ ratio: CodingKeys, _ seed: CodingKeys) throws -> RandomShare {
      RandomShare(
        ratio: try keys.number(ratio, in: RuleFault.shares) ?? 1,
        seed: try keys.decodeIfPresent(UInt64.self, forKey: seed) ?? 0)
    }
    video = try share(.video, .videoSeed)
    audio = try share(.audio, .audioSeed)
  }

  public func encode(to encoder: any Encoder) throws {
    var keys = encoder.container(keyedBy: CodingKeys.self)
    try keys.encode(video.ratio, forKey: .video)
    try keys.encode(audio.ratio, forKey: .audio)
    try keys.encode(video.seed, forKey: .videoSeed)
    try keys.encode(audio.seed, forKey: .audioSeed)
  }
}
