/// The media that a clip contains, used or not.
struct ClipContents {
  var hasVideo = false
  var hasAudio = false
  var hasImage = false
  /// Whether the clip is a clip directory.
  var isPrepared = false
}

extension InputSettings {
  public var usesAudio: Bool { noAudio != true }
  public var usesVideo: Bool { noVideo != true }

  /// Audit lines on media that the settings ignore, and on settings without effect.
  /// - Parameter made: settings with which a clip directory was created; they are not requests.
  func notices(
    _ clip: ClipContents, besides made: InputSettings = InputSettings()
  ) -> [AuditLine] {
    var lines: [AuditLine] = []
    if noAudio == true {
      lines.append(
        clip.hasAudio
          ? .notice(.audio, "not used", "the clip has audio (no_audio)")
          : .notice(.audio, "no effect", "no_audio: the clip has no audio"))
    }
    if noVideo == true {
      lines.append(
        clip.hasVideo
          ? .notice(.video, "not used", "the clip has video (no_video)")
          : .notice(.video, "no effect", "no_video: the clip has no video"))
    }
    let isShown = clip.hasVideo && usesVideo
    let idle = (isShown ? idleWithVideo : idleWithoutVideo(clip)).filter {
      text($0) != made.text($0)
    }
    if !idle.isEmpty {
      let why = isShown ? "frames sets the count" : "no video is used"
      let names = idle.map(\.rawValue).joined(separator: ", ")
      lines.append(.notice(.clip, "no effect", "\(names): \(why)"))
    }
    return lines
  }

  private var idleWithVideo: [Field] { frames != nil && maxFrames != nil ? [.maxFrames] : [] }

  private func idleWithoutVideo(_ clip: ClipContents) -> [Field] {
    var fields: [Field] = [.fps, .maxFrames, .frames]
    if clip.isPrepared || !clip.hasImage { fields += [.minPixels, .maxPixels] }
    fields += [.totalPixels, .secondsPerGrid]
    return fields.filter {
      text($0) != nil && !($0 == .secondsPerGrid && secondsPerGrid == .actual)
    }
  }

  /// Audit lines on the sampling rate and the frame limit.
  func samplingNotices(
    _ plan: FrameSampling.Plan, of total: Int, _ sampling: FrameSampling
  ) -> [AuditLine] {
    var lines: [AuditLine] = []
    if plan.isCapped {
      lines.append(
        .notice(
          .video, "frame cap",
          "\(plan.indices.count) frames instead of \(sampling.framesPerSecond) per second: limit "
            + "\(sampling.maximumFrames) (max_frames)"))
    }
    if plan.isShort, fps != nil {
      lines.append(
        .notice(
          .video, "rate",
          "\(sampling.framesPerSecond) frames per second requested, the video has "
            + "fewer: \(plan.indices.count) of its \(total) frames are used"))
    }
    if let frames, frames != plan.indices.count {
      lines.append(
        .notice(
          .video, "frames",
          "\(frames) requested, \(plan.indices.count) used: "
            + "nearest even number, as in the published code"))
    }
    return lines
  }
}
