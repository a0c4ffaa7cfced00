/// The rule of OmniZip: in each window, the share of audio kept determines the share of video kept.
public struct AudioGuidedRule: EncoderRule {
  public static let name = "audio-guided"

  private let values: AnchoredShares
  public var shares: KeptShares { values.shares }
  /// Share of the audio tokens that become anchors.
  public var contextual: Double { values.contextual }
  public var windows: SelectionWindows { values.windows }

  public init(video: Double, audio: Double, contextual: Double, windows: SelectionWindows) {
    values = AnchoredShares(
      shares: KeptShares(video: video, audio: audio), contextual: contextual, windows: windows)
  }

  public var ratios: RetentionBudget { shares.ratios }
  public var summary: String { "video budget per window from audio scores" }

  public func needs(_ modality: Modality) -> [EncoderNeed] {
    switch modality {
    case .video: [.features]
    case .audio: [.features, .attention(windows)]
    case .text, .image: []
    }
  }

  public func select(_ inputs: EncoderInputs) throws -> RuleOutcome {
    let zip = AudioGuidedZip(
      video: ratios.video, audio: ratios.audio, contextual: contextual,
      gridTokens: inputs.gridTokens)
    let runs = TemporalWindows(inputs.modalities).windows
    let (video, audio) = (inputs.part(.video), inputs.part(.audio))
    let sound = try audio.map {
      AudioGuidedZip.Input(features: try $0.tokens.features, windowSizes: runs.map(\.audio.count))
    }
    var (kept, keptAudio, flops): ([Int], [Int], Double) = ([], [], 0)
    var changed: [ChangedRows] = []
    var merges: [TokenMerge] = []
    if let audio, let sound {
      let features = try video?.tokens.features
      let outcome = zip.select(
        audio: sound, attention: try audio.tokens.attentionReceived(in: windows), near: features)
      flops += audio.tokens.attentionFlops(in: windows)
      flops += zip.flops(
        video: features?.rows ?? 0, audio: sound.features.rows, width: sound.features.columns)
      changed.append(outcome.changed.moved(to: audio.positions))
      merges = outcome.merges.map { $0.moved(to: audio.positions) }
      keptAudio = outcome.kept
      kept += keptAudio.map { audio.positions[$0] }
    }
    if let video {
      let input = AudioGuidedZip.Input(
        features: try video.tokens.features, windowSizes: runs.map(\.video.count))
      kept += zip.select(video: input, audio: sound, keptAudio: keptAudio)
        .map { video.positions[$0] }
    }
    var outcome = inputs.outcome(kept, flops: flops)
    (outcome.changed, outcome.merges) = (changed, merges)
    return outcome
  }

  public init(from decoder: any Decoder) throws { values = try AnchoredShares(from: decoder) }
  public func encode(to encoder: any Encoder) throws { try values.encode(to: encoder) }
}
