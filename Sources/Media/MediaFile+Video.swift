import Basics

extension MediaFile {
  /// Reads the sampled frames of the video stream.
  ///
  /// The number of frames that the container states is usually right. If decoding returns fewer
  /// than requested, the frames are counted by decoding and sampled again.
  func frames(
    _ stream: MediaProbe.Stream, _ probe: MediaProbe, _ packets: PacketTimes,
    _ prepareFrame: PrepareFrame?, _ audit: inout [AuditLine]
  ) async throws(MediaError) -> VideoFrames {
    guard packets.count > 0 else { throw .picture(file: path, frame: 0, offset: 0, .noFrames) }
    guard let frameRate = FrameRate(stream, probe, packets) else {
      throw .noFrameRate(file: path)
    }
    let rate = frameRate.perSecond
    var total = packets.count
    let sampling = FrameSampling(settings)
    var plan = try plan(sampling, total, rate)
    var sampled = try await decode(stream, plan, prepareFrame)
    if sampled.frames.count != plan.indices.count {
      total = try await tools.countDecodableFrames(source, stream: stream.index)
      guard total > 0 else { throw .picture(file: path, frame: 0, offset: 0, .noFrames) }
      audit.append(
        .notice(.video, "recounted", "\(total) of \(packets.count) frames can be decoded"))
      plan = try self.plan(sampling, total, rate)
      sampled = try await decode(stream, plan, prepareFrame)
    }
    guard !sampled.frames.isEmpty else {
      throw .picture(file: path, frame: 0, offset: 0, .noFrames)
    }
    audit += videoAudit(stream, rate, total, plan, sampled)
    audit += frameRate.audit(frames: packets.count)
    if packets.discarded > 0 {
      audit.append(
        .notice(
          .video, "edit list",
          "\(packets.discarded) frames skipped, as the container states; the published reader "
            + "counts them"))
    }
    audit += settings.samplingNotices(plan, of: total, sampling)
    return VideoFrames(
      frames: sampled.frames, framesPerSecond: plan.framesPerSecond,
      times: sampled.frames.count == plan.indices.count
        ? plan.indices.map { Double($0) / rate } : nil)
  }

  private func plan(
    _ sampling: FrameSampling, _ total: Int, _ rate: Double
  ) throws(MediaError) -> FrameSampling.Plan {
    if let asked = sampling.shortage(totalFrames: total) {
      throw .tooFewFrames(file: path, asked: asked, present: total)
    }
    return sampling.plan(totalFrames: total, sourceRate: rate)
  }

  /// Reads a file whose only content is one picture.
  func still(
    _ stream: MediaProbe.Stream, _ audit: inout [AuditLine]
  ) async throws(MediaError) -> RGBImage {
    var image = try await picture(stream, filter: "format=rgb24")
    let codec = (stream.codecName ?? "unknown").printable(limit: 40)
    audit.append(AuditLine(.image, "picture", "\(codec), \(image.width)×\(image.height) px"))
    if stream.hasAlpha {
      let alpha = try await picture(stream, filter: "format=rgba,alphaextract,format=rgb24")
      if alpha.width == image.width, alpha.height == image.height {
        image = image.overWhite(alpha: alpha)
        audit.append(AuditLine(.image, "transparency", "composited over white"))
      }
    }
    if let orientation = try await tools.orientation(source, stream: stream.index),
      (2...8).contains(orientation)
    {
      audit.append(
        .notice(
          .image, "rotated",
          "by EXIF orientation \(orientation); the published reader ignores it"))
    }
    audit += AuditLine.brightness(.image, stream)
    return image
  }
}

extension MediaFile {
  /// Sampled frames, with the error messages of the decoder.
  struct Sampled {
    let frames: [RGBImage]
    let sourceWidth, sourceHeight: Int
    let stderrTail: StderrTail
  }

  private func decode(
    _ stream: MediaProbe.Stream, _ plan: FrameSampling.Plan, _ prepareFrame: PrepareFrame?
  ) async throws(MediaError) -> Sampled {
    var collector = FrameCollector(
      file: path, planned: plan.indices.count, limits: limits, prepare: prepareFrame)
    var decoder = PPMDecoder(file: path, totalBytes: nil, limits: limits)
    // New time stamps, so that no version of ffmpeg repeats or drops frames to keep the rate.
    let filter =
      "select='\(Self.selection(of: plan.indices))',settb=1/2,setpts=N\(Self.scale(stream))"
    let stderrTail = try await tools.run(
      "ffmpeg", arguments(stream, filter, ["-r", "2"] + Self.asPublished), on: source,
      extraPatience: Self.extraPatience(plan.indices)
    ) { (piece) throws(MediaError) in
      try decoder.feed(piece) { (frame) throws(MediaError) in try collector.take(frame) }
    }
    if decoder.offset > 0 { try decoder.finish() }
    return Sampled(
      frames: collector.frames, sourceWidth: decoder.width, sourceHeight: decoder.height,
      stderrTail: stderrTail)
  }

  private func picture(
    _ stream: MediaProbe.Stream, filter: String
  ) async throws(MediaError) -> RGBImage {
    var image: RGBImage?
    var decoder = PPMDecoder(file: path, totalBytes: nil, limits: limits, maximumFrames: 1)
    _ = try await tools.run(
      "ffmpeg", arguments(stream, filter, ["-frames:v", "1"]), on: source
    ) { (piece) throws(MediaError) in
      try decoder.feed(piece) { (frame) throws(MediaError) in image = frame }
    }
    try decoder.finish()
    guard let image else { throw .picture(file: path, frame: 0, offset: 0, .noFrames) }
    return image
  }

  /// ffmpeg options for bilinear colour conversion, as in decord, the published reader. It matters
  /// for video with more than 8 bits per channel.
  private static let asPublished = ["-sws_flags", "bilinear"]

  private func arguments(
    _ stream: MediaProbe.Stream, _ filter: String, _ output: [String]
  ) -> [String] {
    // After a change of size, reinitialised filters would count frames from 0 again.
    ["-nostdin"] + FFmpeg.warned + ["-reinit_filter", "0", "-i", FFmpeg.input]
      + ["-map", "0:\(stream.index)", "-vf", filter] + output + [
        "-pix_fmt", "rgb24", "-c:v", "ppm", "-f", "image2pipe", "-",
      ]
  }

  /// The ffmpeg filter that scales every frame to the displayed size of the first.
  private static func scale(_ stream: MediaProbe.Stream) -> String {
    guard let width = stream.width, let height = stream.height, width > 0, height > 0 else {
      return ""
    }
    let isUpright = Int(stream.rotation ?? 0) % 180 == 0
    return isUpright ? ",scale=\(width):\(height)" : ",scale=\(height):\(width)"
  }

  /// An ffmpeg expression that is true for the given frames. It is a search tree, since ffmpeg's
  /// parser fails on a sum of hundreds of comparisons.
  static func selection(of indices: some RandomAccessCollection<Int>) -> String {
    guard indices.count > 1, let first = indices.first else {
      return indices.first.map { "eq(n,\($0))" } ?? "0"
    }
    let middle = indices.index(indices.startIndex, offsetBy: indices.count / 2)
    // The decoder returns one frame for equal indices.
    guard indices[middle] > first else { return selection(of: indices[middle...]) }
    let (low, high) = (selection(of: indices[..<middle]), selection(of: indices[middle...]))
    return "if(lt(n,\(indices[middle])),\(low),\(high))"
  }

  /// Additional timeout for frames decoded between two samples, at 4 frames per second.
  static func extraPatience(_ indices: [Int]) -> Duration {
    let longest = zip(indices.dropFirst(), indices).map { $0 - $1 }.max() ?? 0
    return .milliseconds(250 * longest)
  }

  private func videoAudit(
    _ stream: MediaProbe.Stream, _ rate: Double, _ total: Int, _ plan: FrameSampling.Plan,
    _ sampled: Sampled
  ) -> [AuditLine] {
    let codec = (stream.codecName ?? "unknown").printable(limit: 40)
    let size = "\(sampled.sourceWidth)×\(sampled.sourceHeight) px"
    let count = sampled.frames.count
    var lines = [
      AuditLine(.video, "stream", "\(codec), \(size), \(total) frames at \(rate.fixed(3)) fps"),
      AuditLine(.video, "sampled", "\(count) frames at \(plan.framesPerSecond.fixed(3)) fps"),
      AuditLine(.video, "not sampled", "\(total - count) frames"),
    ]
    if let degrees = stream.rotation {
      lines.append(AuditLine(.video, "rotated", "by \(degrees.fixed(0))°, as the container states"))
    }
    lines += AuditLine.brightness(.video, stream)
    if sampled.stderrTail.saysSizeChanged {
      lines.append(
        .notice(
          .video, "size", "changes in the stream; all frames scaled to that of the first"))
    }
    if count < plan.indices.count {
      lines.append(
        .notice(.video, "missing", "\(plan.indices.count - count) frames were not decoded"))
    }
    return lines + AuditLine.stderrTail(.video, sampled.stderrTail)
  }
}

extension FrameRate {
  init?(_ stream: MediaProbe.Stream, _ probe: MediaProbe, _ packets: PacketTimes) {
    self.init(
      stated: stream.frameRate, formats: probe.format?.formatName ?? "", frames: packets.count,
      seconds: packets.seconds ?? (stream.frameRate == nil ? probe.seconds : nil))
  }
}

extension AuditLine {
  /// An audit line on HDR video, which is used without tone mapping.
  static func brightness(_ subject: Subject, _ stream: MediaProbe.Stream) -> [AuditLine] {
    guard let scale = stream.highDynamicRange else { return [] }
    return [
      .notice(subject, "brightness", "\(scale) (HDR), no tone mapping, as in the published code")
    ]
  }

  /// An audit line with ffmpeg's messages of a successful run.
  static func stderrTail(_ subject: Subject, _ stderrTail: StderrTail) -> [AuditLine] {
    let last = stderrTail.causeLine
    guard !last.isEmpty else { return [] }
    return [.notice(subject, "ffmpeg output", "\(last) (\(max(1, stderrTail.lineCount)) lines)")]
  }
}
