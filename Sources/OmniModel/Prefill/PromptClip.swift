import Selection
import Tensors

/// One preprocessed clip of a prompt.
public struct PromptClip: Sendable {
  /// Shape of the video tokens before any selection; nil without video.
  public let videoGrid: TokenGrid?
  public let imageGrid: TokenGrid?
  /// Number of audio tokens, and audio tokens per second.
  public let audioTokens, audioTokensPerSecond: Int
  /// Seconds of video per temporal grid.
  public let secondsPerGrid: Double
  /// Seconds from the start of the video to each temporal grid: midway between its first and last
  /// frame.
  let gridTimes: [Double]
  /// Facts on the preprocessing of the clip, for the audit.
  public let audit: PromptAudit
  let videoPatches, imagePatches: Patches?
  /// Mel features of the audio, [bands, frames]; nil without audio.
  let mel: Tensor?

  /// The counts of a clip that encoder rules (Stage I) depend on.
  public var shape: ClipShape {
    ClipShape(
      video: videoGrid?.count ?? 0, audio: audioTokens, tokensPerGrid: videoGrid?.perTime ?? 0)
  }

  /// Prompt segments of the clip in the order image, video, audio; video with audio is interleaved.
  var segments: [PromptSegment] {
    var segments: [PromptSegment] = imageGrid.map { [.image($0)] } ?? []
    switch (videoGrid, mel) {
    case (let video?, .some):
      segments.append(
        .audioInVideo(video, secondsPerGrid: secondsPerGrid, audioTokens: audioTokens))
    case (let video?, nil): segments.append(.video(video, secondsPerGrid: secondsPerGrid))
    case (nil, .some): segments.append(.audio(tokens: audioTokens))
    case (nil, nil): break
    }
    return segments
  }

  /// The text that a model family writes before the clip's tokens.
  func opening(_ family: any FamilyDefinition) -> String {
    if case .video = segments.first { return family.opening(gridTimes: gridTimes) }
    return ""
  }
}

/// Facts on the preprocessing of a clip, for the audit.
public struct PromptAudit: Sendable {
  public let frameSize, resizedFrame, imageSize, resizedImage: (height: Int, width: Int)?
  public let grid: TokenGrid?
  public let imageTokens: Int
  public let melFrames: Int?
  public let audioTokens: Int
  /// Seconds of audio used (nil without audio), and seconds truncated because the model has a
  /// maximum.
  public let usedAudioSeconds: Double?
  public let unusedAudioSeconds: Double
}
