import Basics

/// A video, audio or image file of any format that ffmpeg reads.
struct MediaFile {
  let source: SourceFile
  let tools: FFmpeg
  /// The settings in effect, after combining all sources.
  let settings: InputSettings
  let limits: MediaLimits

  var path: String { source.path }

  init(
    _ path: String, tools: FFmpeg, settings: InputSettings, limits: MediaLimits
  ) throws(MediaError) {
    source = try SourceFile(path)
    self.tools = tools
    self.settings = settings
    self.limits = limits
  }

  func clip(question: String?, prepare: PicturePreparation) async throws(MediaError) -> Clip {
    _ = try await tools.locate()
    try refuseWhatIsNoMedium()
    let cut = try cut()
    let probe = try await probe(cut)
    var audit = probe.audit(bytes: source.bytes)
    if let cut {
      audit.append(
        .notice(.clip, "truncated", "\(source.bytes) bytes of at least \(cut.end)"))
    }
    var video: VideoFrames?
    var image: RGBImage?
    var contents = ClipContents(hasAudio: probe.audio != nil)
    if let stream = probe.video {
      try checkSize(stream)
      let packets = try await tools.packets(source, stream: stream.index)
      if packets.count == 1, probe.audio == nil {
        contents.hasImage = true
        let picture = try await still(stream, &audit)
        image = prepare.image?(picture) ?? picture
      } else if packets.count > 0 || probe.audio == nil {
        contents.hasVideo = true
        if settings.usesVideo {
          video = try await frames(stream, probe, packets, prepare.frame, &audit)
        }
      } else {
        audit.append(.notice(.video, "ignored", "a video stream without frames"))
      }
    }
    let audio =
      settings.usesAudio ? try await sound(probe, isAlone: video == nil, &audit) : nil
    if let video, let audio { audit += lengthAudit(video, audio) }
    audit += settings.notices(contents)
    guard video != nil || audio != nil || image != nil || question?.nilIfBlank != nil else {
      throw .emptyClip(file: path)
    }
    return Clip(
      title: path.pathComponents.last.map(String.init) ?? path, source: path,
      question: question?.nilIfBlank, video: video, audio: audio, image: image,
      settings: settings, isPrepared: false, audit: audit)
  }

  private func probe(_ cut: BoxChain.Cut?) async throws(MediaError) -> MediaProbe {
    let isCut = MediaError.truncated(file: path, claimed: cut?.end ?? 0, present: source.bytes)
    if cut?.isIndex == true { throw isCut }
    let probe: MediaProbe
    do {
      probe = try await tools.probe(source)
    } catch .notMedia(let file, let message) {
      throw cut == nil ? .notMedia(file: file, message: message) : isCut
    }
    guard probe.video != nil || probe.audio != nil else {
      throw cut == nil ? .noStreams(file: path) : isCut
    }
    return probe
  }

  private func refuseWhatIsNoMedium() throws(MediaError) {
    guard source.bytes > 0 else { throw .emptyFile(file: path) }
    if let kind = NotMediaKind(start: try source.bytes(at: 0, count: 1 << 14)) {
      throw .notAMedium(file: path, kind)
    }
  }

  private func cut() throws(MediaError) -> BoxChain.Cut? {
    try BoxChain.cut(fileSize: source.bytes) {
      (offset, count) throws(MediaError) in try source.bytes(at: offset, count: count)
    }
  }

  /// Checks the size of pictures before decoding.
  private func checkSize(_ stream: MediaProbe.Stream) throws(MediaError) {
    guard let width = stream.width, let height = stream.height, min(width, height) > 0 else {
      return
    }
    let (area, overflow) = width.multipliedReportingOverflow(by: height)
    guard overflow || area > limits.pixelsPerFrame else { return }
    throw .pictureTooLarge(
      file: path, width: width, height: height, pixelLimit: limits.pixelsPerFrame)
  }

  /// Reads the audio of the file.
  /// - Parameter isAlone: whether the file has no other medium, so that an empty stream is an error
  private func sound(
    _ probe: MediaProbe, isAlone: Bool, _ audit: inout [AuditLine]
  ) async throws(MediaError) -> Waveform? {
    guard let stream = probe.audio else {
      if probe.video != nil { audit.append(AuditLine(.audio, "none", "no audio in this file")) }
      return nil
    }
    if let waveform = try await waveform(stream, probe, &audit) { return waveform }
    guard !isAlone else { throw .noSamples(file: path) }
    audit.append(.notice(.audio, "ignored", "an audio stream without samples"))
    return nil
  }

  /// An audit line on audio that is much shorter or longer than the video.
  private func lengthAudit(_ video: VideoFrames, _ audio: Waveform) -> [AuditLine] {
    let difference = audio.seconds - video.seconds
    guard abs(difference) > max(1, 0.05 * video.seconds) else { return [] }
    return [
      .notice(
        .audio, "length",
        "\(audio.seconds.fixed(2)) s, video \(video.seconds.fixed(2)) s")
    ]
  }
}

extension MediaProbe {
  /// Audit lines on the contents of the container, and on streams that are not used.
  func audit(bytes: Int) -> [AuditLine] {
    var lines = [
      AuditLine(
        .clip, "source",
        "\((format?.formatName ?? "unknown").printable(limit: 60)), \(bytes) bytes")
    ]
    if let seconds { lines.append(AuditLine(.clip, "duration", "\(seconds.fixed(2)) s")) }
    let unused = (streams ?? []).filter { $0.index != video?.index && $0.index != audio?.index }
    if !unused.isEmpty {
      let names = unused.prefix(6).map {
        "\(($0.codecType ?? "unknown").printable(limit: 20)) \($0.index)"
      }
      lines.append(.notice(.clip, "ignored streams", names.joined(separator: ", ")))
    }
    if let video = video?.startSeconds, let audio = audio?.startSeconds,
      abs(video - audio) > 0.05
    {
      lines.append(
        .notice(
          .audio, "offset",
          "starts \((audio - video).fixed(2)) s after the video, aligned at 0 as in the published code"
        ))
    }
    return lines
  }
}
