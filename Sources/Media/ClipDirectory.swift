import Basics
import Foundation

/// A clip stored as a directory with `clip.toml`, `video.ppm`, `audio.wav` and `image.ppm`.
struct ClipDirectory {
  /// Default frame rate of `video.ppm`, in frames per second.
  static let defaultFramesPerSecond = 2.0

  private let path: String
  private let source: String
  private let limits: MediaLimits
  private let manifest: ClipManifest
  /// The settings in effect, after combining all sources.
  private let settings: InputSettings

  /// Opens a clip directory.
  /// - Parameter source: the path as given by the user
  init(
    _ path: String, source: String, limits: MediaLimits, policy: InputPolicy
  ) throws(MediaError) {
    self.path = path.hasSuffix("/") ? String(path.dropLast()) : path
    self.source = source
    self.limits = limits
    let manifestPath = "\(self.path)/\(ClipManifest.fileName)"
    guard try SourceFile.exists(manifestPath) else {
      throw .manifestMissing(directory: path)
    }
    manifest = try ClipManifest(manifestPath, limits: limits)
    settings = try policy.inForce(manifest.settings, file: source)
  }

  func clip(question: String?) throws(MediaError) -> Clip {
    var audit = manifestAudit()
    let contents = try contents()
    audit += settings.notices(contents, besides: manifest.preprocess)
    let video = settings.usesVideo ? try video(&audit) : nil
    let audio = settings.usesAudio ? try audio(&audit) : nil
    let image = try image(&audit)
    let asked = question ?? manifest.question
    guard video != nil || audio != nil || image != nil || asked?.nilIfBlank != nil else {
      throw .emptyClip(file: source)
    }
    return Clip(
      title: manifest.title ?? path.pathComponents.last.map(String.init) ?? path, source: source,
      question: asked, choices: manifest.choices,
      // The right answer belongs to the clip's own question.
      answer: asked == manifest.question ? manifest.answer : nil, video: video,
      audio: audio, image: image, settings: settings, audit: audit)
  }
}

extension ClipDirectory {
  private func contents() throws(MediaError) -> ClipContents {
    ClipContents(
      hasVideo: try SourceFile.exists("\(path)/video.ppm"),
      hasAudio: try SourceFile.exists("\(path)/audio.wav"),
      hasImage: try SourceFile.exists("\(path)/image.ppm"), isPrepared: true)
  }

  /// The frames of the clip, sampled if the settings state a rate or a number of frames.
  private func sampled(
    _ video: VideoFrames, _ audit: inout [AuditLine]
  ) throws(MediaError) -> VideoFrames {
    guard let plan = try video.plan(settings, file: source) else { return video }
    let total = video.frames.count
    audit.append(
      AuditLine(
        .video, "sampled",
        "\(plan.indices.count) of \(total) frames at \(plan.framesPerSecond.fixed(3)) fps"))
    audit += settings.samplingNotices(plan, of: total, FrameSampling(settings))
    return video.sampled(plan)
  }

  private func video(_ audit: inout [AuditLine]) throws(MediaError) -> VideoFrames? {
    let file = "\(path)/video.ppm"
    guard try SourceFile.exists(file) else { return nil }
    let decoded = try PPMFile(file, limits: limits).frames(prepare: nil)
    let video = VideoFrames(
      frames: decoded.frames,
      framesPerSecond: manifest.framesPerSecond ?? Self.defaultFramesPerSecond)
    audit.append(
      AuditLine(
        .video, "video.ppm",
        "\(video.frames.count) frames of \(decoded.sourceWidth)×\(decoded.sourceHeight) px"))
    let rate = "\(video.framesPerSecond.fixed(3)) fps"
    audit.append(
      manifest.framesPerSecond == nil
        ? .notice(.video, "rate", "\(rate), assumed") : AuditLine(.video, "rate", rate))
    audit.append(AuditLine(.video, "duration", "\(video.seconds.fixed(2)) s"))
    return try sampled(video, &audit)
  }

  private func audio(_ audit: inout [AuditLine]) throws(MediaError) -> Waveform? {
    let file = "\(path)/audio.wav"
    guard try SourceFile.exists(file) else { return nil }
    let bytes = try SourceFile(file).contents(limit: limits.waveformBytes)
    let sound = try WaveformFile(bytes, file: file)
    audit.append(AuditLine(.audio, "audio.wav", "\(sound.encoding.name), 16000 Hz, mono"))
    audit += AuditLine.lines(for: sound, sound.waveform)
    return sound.waveform
  }

  private func image(_ audit: inout [AuditLine]) throws(MediaError) -> RGBImage? {
    let file = "\(path)/image.ppm"
    guard try SourceFile.exists(file) else { return nil }
    let image = try PPMFile(file, limits: limits).image()
    audit.append(AuditLine(.image, "image.ppm", "\(image.width)×\(image.height) px"))
    return image
  }

  private func manifestAudit() -> [AuditLine] {
    let known: Set = [ClipManifest.fileName, "video.ppm", "audio.wav", "image.ppm"]
    // If the directory cannot be listed, its files may still be readable.
    let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
    let others = names.filter { !known.contains($0) }.sorted().prefix(8)
    return [AuditLine(.clip, "source", "clip directory")]
      + manifest.ignoredKeys.map { .notice(.manifest, "ignored key", $0) }
      + others.map { .notice(.clip, "ignored file", $0.printable(limit: 80)) }
  }
}

extension AuditLine {
  /// Audit lines for an audio file.
  /// - Parameter waveform: the part of the audio that is used
  static func lines(for sound: WaveformFile, _ waveform: Waveform) -> [AuditLine] {
    var lines = [
      AuditLine(
        .audio, "duration", "\(waveform.seconds.fixed(2)) s, \(waveform.samples.count) samples")
    ]
    if sound.encoding == .pcm16 {
      lines.append(AuditLine(.audio, "converted", "16-bit integers to floats, divided by 32768"))
    }
    let beyond = sound.samplesBeyondFullScale
    if beyond > 0 {
      lines.append(.notice(.audio, "beyond full scale", "\(beyond) samples outside ±1, kept"))
    }
    if sound.trailingBytes > 0 {
      lines.append(
        .notice(.audio, "ignored", "\(sound.trailingBytes) bytes after the last chunk"))
    }
    return lines
  }
}
