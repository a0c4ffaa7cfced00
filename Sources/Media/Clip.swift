/// A sampled clip: video frames, audio, a still image and a question; each of them may be missing.
///
/// Independent of models: resizing, patches and mel spectrograms are computed elsewhere.
public struct Clip: Sendable, Equatable {
  public let title: String
  /// Path of the clip as given by the user.
  public let source: String
  /// System text of the clip; nil for the model family's default.
  public var system: String? { settings.system }
  public let question: String?
  /// Answer choices in order; empty for an open question.
  public let choices: [String]
  /// The correct answer; nil if unknown.
  public let answer: String?
  public let video: VideoFrames?
  public let audio: Waveform?
  public let image: RGBImage?
  /// The settings in effect, after combining all sources.
  public let settings: InputSettings
  /// True for a clip directory: its frames are not resized while reading, only by the processor.
  /// Frames of a media file are resized while reading.
  public let isPrepared: Bool
  /// Facts about reading the clip, in order.
  public let audit: [AuditLine]

  public init(
    title: String, source: String, question: String? = nil,
    choices: [String] = [], answer: String? = nil, video: VideoFrames? = nil,
    audio: Waveform? = nil, image: RGBImage? = nil, settings: InputSettings = InputSettings(),
    isPrepared: Bool = true, audit: [AuditLine] = []
  ) {
    self.title = title
    self.source = source
    self.question = question
    self.choices = choices
    self.answer = answer
    self.video = video
    self.audio = audio
    self.image = image
    self.settings = settings
    self.isPrepared = isPrepared
    self.audit = audit
  }

  /// Whether video and audio tokens are interleaved in time.
  public var audioInVideo: Bool { video != nil && audio != nil }

  /// A copy with another path as given by the user.
  public func named(_ source: String) -> Clip {
    Clip(
      title: title, source: source, question: question, choices: choices, answer: answer,
      video: video, audio: audio, image: image, settings: settings, isPrepared: isPrepared,
      audit: audit)
  }

  /// Duration of the longer of video and audio, in seconds; 0 without either.
  public var seconds: Double { max(video?.seconds ?? 0, audio?.seconds ?? 0) }
}

extension Clip {
  /// Reads a clip directory, or any media file through ffmpeg.
  ///
  /// - Parameters:
  ///   - path: a directory with `clip.toml` (or that file itself), or a video, audio or image file;
  ///     may begin with `file://`
  ///   - question: replaces the question in `clip.toml`; blank for none
  ///   - tools: search path and timeout of ffmpeg
  ///   - settings: combines the clip's own settings with those of other sources
  ///   - prepare: resizes frames of media files while reading; those of clip directories are not
  ///     resized
  /// - Throws: `MediaError`.
  public static func load(
    _ path: String, question: String? = nil, tools: FFmpeg = FFmpeg(),
    limits: MediaLimits = MediaLimits(), settings: InputPolicy = .ownSettings,
    prepare: PicturePreparation = PicturePreparation()
  ) async throws(MediaError) -> Clip {
    let path = try MediaAddress.localPath(path)
    switch try SourceFile.kind(of: path) {
    case .directory:
      return try ClipDirectory(path, source: path, limits: limits, policy: settings)
        .clip(question: question)
    case .file where path.pathComponents.last == ClipManifest.fileName[...]:
      let directory = path.dropLast(ClipManifest.fileName.count)
      return try ClipDirectory(
        directory.isEmpty ? "." : String(directory), source: path, limits: limits,
        policy: settings
      ).clip(question: question)
    case .file:
      let settings = try settings.inForce(InputSettings(), file: path)
      return try await MediaFile(path, tools: tools, settings: settings, limits: limits)
        .clip(question: question, prepare: prepare)
    case .other:
      throw .notRegularFile(file: path)
    }
  }
}

/// Combines a clip's own settings with those of other sources, such as the command line.
public struct InputPolicy: Sendable {
  private let resolve: @Sendable (InputSettings) throws(InputFault) -> InputSettings

  public init(_ resolve: @escaping @Sendable (InputSettings) throws(InputFault) -> InputSettings) {
    self.resolve = resolve
  }

  /// Uses the clip's own settings only.
  public static let ownSettings = InputPolicy { $0 }

  /// The settings in effect for a clip, checked for contradictions.
  /// - Parameter own: the clip's own settings.
  func inForce(_ own: InputSettings, file: String) throws(MediaError) -> InputSettings {
    do {
      let settings = try resolve(own)
      try settings.check()
      return settings
    } catch {
      throw .input(file: file, error)
    }
  }
}

extension String {
  var pathComponents: [Substring] { split(separator: "/") }

  /// The text; nil if it is blank.
  var nilIfBlank: String? { allSatisfy(\.isWhitespace) ? nil : self }
}
