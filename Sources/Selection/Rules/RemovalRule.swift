/// A rule that removes all tokens of the given modalities. Removing video and audio after a layer
/// is SEATS Stage III.
public struct RemovalRule: EncoderRule, BoundaryRule {
  public static let name = "remove"

  public let video, audio: Bool

  public init(video: Bool = true, audio: Bool = true) {
    self.video = video
    self.audio = audio
  }

  public var ratios: RetentionBudget {
    RetentionBudget(video: video ? 0 : 1, audio: audio ? 0 : 1)
  }
  public var kind: DropRecord.Kind { .remove }
  public var need: BoundaryNeed { .nothing }
  public var summary: String { "all tokens of a modality removed" }

  public func leaving(_ counts: ModalityCounts) -> ModalityCounts {
    counts.with(video: video ? 0 : counts.video, audio: audio ? 0 : counts.audio)
  }

  public func entering(_ prompt: PromptShape) -> ModalityCounts { leaving(prompt.counts) }

  public func select(_ inputs: EncoderInputs) -> RuleOutcome {
    RuleOutcome(kept: left(of: inputs.modalities), path: .windows)
  }

  public func select(_ inputs: BoundaryInputs) -> RuleOutcome {
    RuleOutcome(kept: left(of: inputs.modalities), path: .noChoice)
  }

  private func left(of modalities: [Modality]) -> [Int] {
    modalities.indices.filter {
      switch modalities[$0] {
      case .video: !video
      case .audio: !audio
      case .text, .image: true
      }
    }
  }
}

extension RemovalRule {
  private enum CodingKeys: CodingKey { case removes }

  /// Decodes the rule; both modalities are removed if none is stated.
  public init(from decoder: any Decoder) throws {
    let removed = try decoder.container(keyedBy: CodingKeys.self)
      .decodeIfPresent([String].self, forKey: .removes)
    video = removed?.contains("video") ?? true
    audio = removed?.contains("audio") ?? true
  }

  public func encode(to encoder: any Encoder) throws {
    var keys = encoder.container(keyedBy: CodingKeys.self)
    try keys.encode((video ? ["video"] : []) + (audio ? ["audio"] : []), forKey: .removes)
  }
}
