/// A video, sound or image file of any format that ffmpeg reads.
struct MediaFile {
  let path: String
  let bytes: Int
  let tools: FFmpeg
  let sampling: FrameSampling
  let limits: MediaLimits

  init(
    _ path: String, bytes: Int, tools: FFmpeg, sampling: FrameSampling, limits: MediaLimits
  ) {
    self.path = path
    self.bytes = bytes
    self.tools = tools
    self.sampling = sampling
    self.limits = limits
  }

  func clip(question: String?, prepareFrame: PrepareFrame?) async throws(MediaError) -> Clip {
    _ = try SourceFile(path)
    _ = try await tools.locate()
    let probe = try await tools.probe(path)
    guard probe.video != nil || probe.audio != nil else { throw .noStreams(file: path) }
    var audit = containerAudit(probe)
    var video: VideoFrames?
    var image: RGBImage?
    if let stream = probe.video {
      let packets = try await tools.countFrames(path, stream: stream.index, decoding: false)
      if packets == 1, probe.audio == nil {
        image = try await still(stream, &audit)
      } else if packets > 0 || probe.audio == nil {
        video = try await frames(stream, probe, packets, prepareFrame, &audit)
      } else {
        audit.append(.notice(.video, "ignored", "a video stream without a single frame"))
      }
    }
    var audio: Waveform?
    if let stream = probe.audio { audio = try await waveform(stream, probe, &audit) }
    return Clip(
      title: path.pathComponents.last.map(String.init) ?? path, source: path,
      question: question?.nilIfBlank, video: video, audio: audio, image: image, audit: audit)
  }

  func containerAudit(_ probe: MediaProbe) -> [AuditLine] {
    var lines = [
      AuditLine(
        .clip, "source",
        "\((probe.format?.formatName ?? "unknown").printable(limit: 60)), \(bytes) bytes")
    ]
    if let seconds = probe.seconds {
      lines.append(AuditLine(.clip, "duration", "\(seconds.fixed(2)) s"))
    }
    let unused = (probe.streams ?? []).filter {
      $0.index != probe.video?.index && $0.index != probe.audio?.index
    }
    if !unused.isEmpty {
      let names = unused.prefix(6).map { "\($0.codecType ?? "unknown") \($0.index)" }
      lines.append(.notice(.clip, "ignored streams", names.joined(separator: ", ")))
    }
    if let video = probe.video?.startSeconds, let audio = probe.audio?.startSeconds,
      abs(video - audio) > 0.05
    {
      lines.append(
        .notice(
          .audio, "offset",
          "starts \((audio - video).fixed(2)) s after the video, aligned at 0 as published"))
    }
    return lines
  }
}
