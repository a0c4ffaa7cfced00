/// A clip as sampled: frames, audio, a still image, a question; any of them may be missing.
///
/// Independent of models: resizing, patches and mel spectrograms are computed elsewhere.
public struct Clip: Sendable, Equatable {
  public let title: String
  /// The path as given.
  public let source: String
  /// The system text; nil: the model family's default.
  public var system: String? { settings.system }
  public let question: String?
  /// Choices in order; empty for an open question.
  public let choices: [String]
  /// The right answer, if known.
  public let answer: String?
  public let video: VideoFrames?
  public let audio: Waveform?
  public let image: RGBImage?
  /// The effective settings, including the clip's own.
  public let settings: InputSettings
  /// True for a clip directory, whose frames are used as stored; pixel bounds are applied by the
  /// processor. Frames of a media file were resized while reading.
  public let isPrepared: Bool
  /// Facts about reading, in order.
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

  /// Whether video and audio are interleaved in time.
  public var audioInVideo: Bool { video != nil && audio != nil }

  /// Duration of the longer of video and audio, in seconds; 0 without either.
  public var seconds: Double { max(video?.seconds ?? 0, audio?.seconds ?? 0) }
}

extension Clip {
  /// Reads a clip directory, or any media file through ffmpeg.
  ///
  /// - Parameters:
  ///   - path: a directory with `clip.toml` (or that file itself), or a video, sound or image file;
  ///     `file://` before it is allowed
  ///   - question: replaces the one in `clip.toml`; blank: none
  ///   - tools: search path of ffmpeg
  ///   - settings: combines the clip's own settings with others
  ///   - prepare: resizes pictures of media files while reading; those of clip directories are used
  ///     as stored
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

/// Combines the settings of a clip with those of other sources.
public struct InputPolicy: Sendable {
  private let resolve: @Sendable (InputSettings) throws(InputFault) -> InputSettings

  public init(_ resolve: @escaping @Sendable (InputSettings) throws(InputFault) -> InputSettings) {
    self.resolve = resolve
  }

  /// The clip's own settings alone.
  public static let ownSettings = InputPolicy { $0 }

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

  /// This text; nil if it is blank.
  var nilIfBlank: String? { allSatisfy(\.isWhitespace) ? nil : self }
}
