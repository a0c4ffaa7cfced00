/// A clip as sampled: frames, sound, a still image, a question — any of them may be missing.
///
/// It knows nothing of models: resizing, patches and mel spectra are made from it elsewhere.
public struct Clip: Sendable, Equatable {
  public let title: String
  /// The path as given.
  public let source: String
  /// The system text in force, or nil for the model family's own.
  public var system: String? { settings.system }
  public let question: String?
  /// Possible answers in order; empty when the question is open.
  public let choices: [String]
  /// The right answer, where it is known.
  public let answer: String?
  public let video: VideoFrames?
  public let audio: Waveform?
  public let image: RGBImage?
  /// The settings in force, those of the clip itself among them.
  public let settings: InputSettings
  /// Frames and pictures come as they stand in a clip directory: bounds on their pixels are left to
  /// the processor. Those of a media file were resized on their way.
  public let isPrepared: Bool
  /// What was actually read, in the order of reading.
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

  /// Whether the sound belongs to the video, so that both are interleaved in time.
  public var audioInVideo: Bool { video != nil && audio != nil }

  /// The longer of video and sound; 0 without either.
  public var seconds: Double { max(video?.seconds ?? 0, audio?.seconds ?? 0) }
}

extension Clip {
  /// Reads a clip directory, or any media file through ffmpeg.
  ///
  /// - Parameters:
  ///   - path: a directory with `clip.toml` (or that file itself), or a video, sound or image file;
  ///     `file://` before it is allowed
  ///   - question: asked instead of the one in `clip.toml`; blank means none
  ///   - tools: where ffmpeg is looked for
  ///   - settings: makes of the clip's own settings those in force
  ///   - prepare: changes the pictures of media files as they arrive; clip directories hold theirs as
  ///     they are to be
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

/// How the settings of a clip and those from elsewhere become the ones in force.
public struct InputPolicy: Sendable {
  private let resolve: @Sendable (InputSettings) throws(InputFault) -> InputSettings

  public init(_ resolve: @escaping @Sendable (InputSettings) throws(InputFault) -> InputSettings) {
    self.resolve = resolve
  }

  /// The clip's own settings alone.
  public static let ownSettings = InputPolicy { $0 }

  /// - Parameter own: what the clip itself says.
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

  /// This text, or nil when there is nothing to read in it.
  var nilIfBlank: String? { allSatisfy(\.isWhitespace) ? nil : self }
}
